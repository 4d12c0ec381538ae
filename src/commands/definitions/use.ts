import type { ArgumentDefinition, CommandDefinition, OptionDefinition } from '../definition.ts';

const DEPLOYMENT: ArgumentDefinition = {
  name: 'ID',
  kind: 'optional',
  description:
    'deployment: id, unique prefix, image digest prefix, index, booted, staged, pending or rollback (default: the first)',
};

const OPTIONS: readonly OptionDefinition[] = [
  { name: 'read-only', description: 'nothing can be written' },
  {
    name: 'network',
    value: 'NETWORK',
    description:
      "private: one of its own that reaches what the host reaches, but nothing by the host's loopback (by pasta, the default where " +
      "passt is installed, else host); host: the host's, with what listens on its loopback; none: a loopback of its own",
    choices: ['private', 'host', 'none'],
  },
];

/** Verbs that look into a deployment or an image without changing it. */
export const useCommands: readonly CommandDefinition[] = [
  {
    path: ['run'],
    group: 'deployment',
    summary: 'run a command inside a deployment',
    description:
      'Runs a command as root inside a deployment, in the sandbox that scripts of packages run in, with a network ' +
      'of its own where passt is installed, with that of the host where not, or as --network says. Whatever it writes, also to /etc and ' +
      '/var, is thrown away at the end; with --read-only it cannot write at all. Ends with the exit code of the command.',
    arguments: [DEPLOYMENT, { name: 'COMMAND', description: 'the command and its arguments', kind: 'rest' }],
    options: OPTIONS,
    examples: [
      { command: 'run -- vim --version', does: 'try a program of the newest deployment' },
      { command: 'run rollback -- dpkg -l', does: 'list the packages of the previous one' },
      { command: 'run --network none -- ./installer', does: 'try a program that is not to reach anything' },
      {
        command: 'run --network host -- psql -h localhost',
        does: 'reach what listens on this machine alone',
      },
    ],
    needsRoot: true,
    load: () => import('../run.ts'),
  },
  {
    path: ['shell'],
    group: 'deployment',
    summary: 'open a shell inside a deployment',
    description:
      'The same as `run` with an interactive shell. Whatever is written in it is thrown away at the end.',
    arguments: [DEPLOYMENT],
    options: OPTIONS,
    examples: [{ command: 'shell', does: 'look around in the newest deployment' }],
    needsRoot: true,
    load: () => import('../shell.ts'),
  },
  {
    path: ['mount'],
    group: 'deployment',
    summary: 'mount a deployment read-only',
    description:
      'Shows a deployment, with its /etc and /var, in an empty directory, read-only, until `umount`.',
    arguments: [
      { ...DEPLOYMENT, kind: 'required' },
      { name: 'DIRECTORY', description: 'existing empty directory', complete: 'directory' },
    ],
    examples: [{ command: 'mount rollback /mnt', does: 'look at the files of the previous deployment' }],
    needsRoot: true,
    load: () => import('../mount.ts'),
  },
  {
    path: ['umount'],
    group: 'deployment',
    summary: 'undo `mount` or `image mount`',
    description: 'Unmounts what `mount` or `image mount` mounted.',
    arguments: [{ name: 'DIRECTORY', description: 'where it is mounted', complete: 'directory' }],
    examples: [{ command: 'umount /mnt', does: 'unmount it' }],
    needsRoot: true,
    load: () => import('../umount.ts'),
  },
  {
    path: ['checkout'],
    group: 'deployment',
    summary: 'write the files of a deployment into a directory',
    description:
      "Writes all files of a deployment's image, with owners, modes and xattrs, into an absent or empty directory.",
    arguments: [
      { ...DEPLOYMENT, kind: 'required' },
      { name: 'DIRECTORY', description: 'absent or empty directory', complete: 'directory' },
    ],
    examples: [{ command: 'checkout 0 /tmp/root', does: 'write out the first deployment' }],
    needsRoot: true,
    load: () => import('../checkout.ts'),
  },
  {
    path: ['image', 'mount'],
    group: 'image',
    summary: 'mount an image read-only',
    description: 'Shows an image of the store in an empty directory, read-only, until `umount`.',
    arguments: [
      { name: 'REF', description: 'name or digest of an image, as `image ls` lists them' },
      { name: 'DIRECTORY', description: 'existing empty directory', complete: 'directory' },
    ],
    examples: [{ command: 'image mount server/1 /mnt', does: 'look at the files of an image' }],
    needsRoot: true,
    load: () => import('../image-mount.ts'),
  },
];
