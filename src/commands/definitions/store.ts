import type { CommandDefinition, OptionDefinition } from '../definition.ts';
import { NO_CACHE } from './build.ts';

/** How `export` and `push` write an image. */
const EXPORT_OPTIONS: readonly OptionDefinition[] = [
  {
    name: 'label',
    value: 'KEY=VALUE',
    description: 'a label of the image, beside those of the spec',
    repeatable: true,
  },
  {
    name: 'chunked',
    value: 'YES-OR-NO',
    description: 'spread the files over layers by package; `no` makes one layer',
    choices: ['yes', 'no'],
    default: 'yes',
  },
  {
    name: 'prior',
    value: 'IMAGE',
    description: 'keep the layers of this image where they still fit; default: the one that is replaced',
  },
  { name: 'max-layers', value: 'COUNT', description: 'at most so many layers, 4 to 127; default: 64' },
  {
    name: 'compression',
    value: 'FORMAT',
    description: 'how layers are packed; zstd is faster, and old engines cannot read it',
    choices: ['gzip', 'zstd'],
    default: 'gzip',
  },
];

/** Verbs that work on the store. */
export const storeCommands: readonly CommandDefinition[] = [
  {
    path: ['image', 'import'],
    group: 'image',
    summary: 'store a directory as an image',
    description:
      'Stores every file below a directory and writes the image for it: metadata, xattrs, hard links and devices as they ' +
      'are. With --ref the image is kept and can be named as a base: local://NAME.',
    arguments: [{ name: 'DIRECTORY', description: 'root of the tree to store', complete: 'directory' }],
    options: [
      {
        name: 'ref',
        value: 'NAME',
        description: 'keep the image under this name; without it `cleanup` removes it',
      },
    ],
    examples: [{ command: 'image import /tmp/rootfs --ref debian/13', does: 'make local://debian/13' }],
    mutates: true,
    needsRoot: true,
    load: () => import('../image-import.ts'),
  },
  {
    path: ['image', 'ls'],
    group: 'image',
    summary: 'list the images in the store',
    description: 'Lists every image with the names that keep it alive.',
    examples: [{ command: 'image ls', does: 'list all images' }],
    load: () => import('../image-ls.ts'),
  },
  {
    path: ['image', 'checkout'],
    group: 'image',
    summary: 'write the files of an image into a directory',
    description:
      'Writes all files of an image, with owners, modes, xattrs, times and hard links, into an absent or empty directory.',
    arguments: [
      { name: 'REF', description: 'name or digest of an image, as `image ls` lists them' },
      { name: 'DIRECTORY', description: 'absent or empty directory', complete: 'directory' },
    ],
    examples: [{ command: 'image checkout debian/13 /tmp/root', does: 'write out a base image' }],
    needsRoot: true,
    load: () => import('../image-checkout.ts'),
  },
  {
    path: ['export'],
    group: 'image',
    summary: 'write an image for containers and registries',
    description:
      'Writes the image of a deployment, or one of the store, into a directory in the OCI image layout, where other images stay, into an ' +
      'archive, or into the storage of podman. Owners, modes, times, hard links and xattrs (capabilities, ACLs, labels) are in it: `import` ' +
      'makes the same image of it again. What an imported image says of how its containers run is in it, too.\n\n' +
      'Files are spread over layers by the source package that they are of, so that an update changes few layers. The image that is replaced, or ' +
      '--prior, says what was together: that stays together, and in a layout what did not change is not packed again.',
    arguments: [
      {
        name: 'IMAGE',
        description: 'a deployment (id, prefix, index, booted, rollback ...), or local://NAME',
      },
      {
        name: 'DESTINATION',
        description:
          'oci:DIRECTORY[:TAG] (the tag is `latest` when it is left out), oci-archive:FILE[:TAG], docker-archive:FILE[:NAME:TAG] or ' +
          'containers-storage:NAME',
      },
    ],
    options: EXPORT_OPTIONS,
    examples: [
      { command: 'export 0 oci:/srv/images:server', does: 'write the first deployment' },
      {
        command: 'export local://server/1 oci:image --compression zstd',
        does: 'write an image of the store',
      },
      {
        command: 'export 0 docker-archive:server.tar:server:1',
        does: 'write what `podman load` and `docker load` take',
      },
    ],
    needsRoot: true,
    load: () => import('../export.ts'),
  },
  {
    path: ['import'],
    group: 'image',
    summary: 'store an image that was made for containers',
    description:
      'Stores an image from a directory in the OCI image layout, such as `export`, skopeo, buildah and umoci write it, from an archive, from ' +
      'the storage of podman or from a registry. Each layer is imported once and checked against its digests; whiteouts are applied. With --ref ' +
      'the image is kept and can be named as a base: local://NAME.',
    arguments: [
      {
        name: 'SOURCE',
        description:
          'oci:DIRECTORY[:TAG][@sha256:HEX] (without tag and digest, the only image that is there), oci-archive:FILE, docker-archive:FILE, ' +
          'containers-storage:NAME or oci://NAME',
      },
    ],
    options: [
      {
        name: 'ref',
        value: 'NAME',
        description: 'keep the image under this name; without it `cleanup` removes it',
      },
    ],
    examples: [{ command: 'import oci:/srv/images:server --ref server/1', does: 'make local://server/1' }],
    mutates: true,
    needsRoot: 'to-change',
    load: () => import('../import.ts'),
  },
  {
    path: ['build'],
    group: 'image',
    summary: 'build an image of a Containerfile and store it',
    description:
      'Has a container engine build the image of a Containerfile (podman; docker or buildah where that is not there, or by --engine), and imports the result. ' +
      'Layers that the store has are not read again. With --ref the image is kept and can be named as a base: local://NAME. A spec ' +
      'can name a Containerfile itself, too: `base-image: {containerfile: ./Containerfile}`.\n\n' +
      "The engine runs as this machine's own program with its own settings, storage and cache. Values of --build-arg are in no log and no list of " +
      'processes, but engines write them into the history of the image in their storage: they are no place for secrets.',
    arguments: [
      { name: 'CONTEXT', description: 'directory with what the Containerfile copies', complete: 'directory' },
    ],
    options: [
      {
        name: 'file',
        short: 'f',
        value: 'FILE',
        description: 'the Containerfile; default: Containerfile or Dockerfile in CONTEXT',
        complete: 'file',
      },
      {
        name: 'ref',
        value: 'NAME',
        description: 'keep the image under this name; without it `cleanup` removes it',
      },
      {
        name: 'build-arg',
        value: 'NAME=VALUE',
        description: 'the value of an ARG of the Containerfile',
        repeatable: true,
      },
      NO_CACHE,
    ],
    examples: [
      { command: 'build . --ref my/base', does: 'make local://my/base of ./Containerfile' },
      {
        command: 'build . -f server.Containerfile --build-arg SUITE=trixie --ref my/server',
        does: 'name the file, and give its ARG SUITE a value',
      },
      {
        command: 'build . --engine buildah --no-cache --ref my/base',
        does: 'build it with buildah, every step anew',
      },
    ],
    mutates: true,
    needsRoot: 'to-change',
    load: () => import('../build.ts'),
  },
  {
    path: ['pull'],
    group: 'image',
    summary: 'store an image from a registry',
    description:
      'Fetches an image by skopeo and stores it. Layers that the store has are not fetched again; each is imported while others still come, and ' +
      'checked against its digests. What containers-registries.conf(5), containers-policy.json(5) and containers-auth.json(5) say counts: ' +
      'mirrors, blocked and insecure registries, signatures that are demanded, names and passwords. With --ref the image is kept and can be ' +
      'named as a base: local://NAME.',
    arguments: [
      {
        name: 'IMAGE',
        description:
          'NAME[:TAG][@sha256:HEX], completed as docker does: ubuntu:24.04 is docker.io/library/ubuntu:24.04',
      },
    ],
    options: [
      {
        name: 'ref',
        value: 'NAME',
        description: 'keep the image under this name; without it `cleanup` removes it',
      },
      {
        name: 'require-signed',
        value: 'KEY',
        description:
          'a file with an OpenPGP keyring or a public key of sigstore, which must have signed it; one of them, where it is given more than once',
        repeatable: true,
        complete: 'file',
      },
    ],
    examples: [
      { command: 'pull debian:13 --ref debian/13', does: 'make local://debian/13' },
      {
        command: 'pull --dry-run registry.example.org/server:1',
        does: 'say what is there, and fetch nothing',
      },
      {
        command: 'pull --require-signed release.pub registry.example.org/server:1',
        does: 'store it if that key has signed it',
      },
    ],
    mutates: true,
    needsRoot: 'to-change',
    load: () => import('../pull.ts'),
  },
  {
    path: ['push'],
    group: 'image',
    summary: 'send an image to a registry',
    description:
      'Writes the image of a deployment, or one of the store, as `export` does, and copies it into a registry by skopeo. Layers that the ' +
      'registry has are not sent, nor packed again, unless the image is signed. What is printed names the image by its digest.',
    arguments: [
      {
        name: 'IMAGE',
        description: 'a deployment (id, prefix, index, booted, rollback ...), or local://NAME',
      },
      { name: 'DESTINATION', description: 'HOST/NAME[:TAG]; the tag is `latest` when it is left out' },
    ],
    options: [
      ...EXPORT_OPTIONS,
      {
        name: 'sign-by-sigstore-key',
        value: 'FILE',
        description: 'sign it with a private key, such as `skopeo generate-sigstore-key` makes',
        complete: 'file',
      },
      {
        name: 'sign-passphrase-file',
        value: 'FILE',
        description: 'a file with the passphrase of the key',
        complete: 'file',
      },
    ],
    examples: [
      { command: 'push 0 registry.example.org/server:1', does: 'send the first deployment' },
      { command: 'push local://server/1 registry.example.org/server', does: 'send an image of the store' },
    ],
    needsRoot: true,
    load: () => import('../push.ts'),
  },
  {
    path: ['login'],
    group: 'image',
    summary: 'keep name and password of a registry',
    description:
      'Asks the registry whether it takes them, and keeps them in /etc/apt-layer/auth.json, or in the file of --authfile. Verbs that reach ' +
      'registries look there first, then where containers-auth.json(5) and docker have theirs.',
    arguments: [{ name: 'REGISTRY', description: 'host, with the port where it is not the usual one' }],
    options: [
      { name: 'username', short: 'u', value: 'NAME', description: 'asked for when it is left out' },
      { name: 'password-stdin', description: 'read the password from standard input, not from the terminal' },
    ],
    examples: [
      { command: 'login registry.example.org', does: 'ask for name and password' },
      {
        command: 'login registry.example.org -u ci --password-stdin',
        does: 'take the password from standard input, such as a token of CI',
      },
    ],
    needsRoot: true,
    load: () => import('../login.ts'),
  },
  {
    path: ['logout'],
    group: 'image',
    summary: 'forget name and password of a registry',
    description: 'Removes what `login` kept.',
    arguments: [{ name: 'REGISTRY', description: 'host, with the port where it is not the usual one' }],
    examples: [{ command: 'logout registry.example.org', does: 'remove name and password' }],
    needsRoot: true,
    load: () => import('../logout.ts'),
  },
  {
    path: ['fsck'],
    group: 'maintenance',
    summary: 'check every byte of the store',
    description:
      'Reads every object and image and compares it with the digest that names it; checks that everything an image ' +
      'names is there, and that every ref points at an image. Ends with exit code 6 when anything is wrong. Changes nothing.',
    examples: [{ command: 'fsck', does: 'check the store' }],
    needsRoot: true,
    load: () => import('../fsck.ts'),
  },
];
