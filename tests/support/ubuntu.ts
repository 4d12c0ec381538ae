import fs from 'node:fs';
import { archive } from './archive.ts';
import { must } from './command.ts';
import { containerRoot } from './container-image.ts';
import type { DebDescription } from './deb.ts';
import { fileServer } from './file-server.ts';
import type { SigningKey } from './signing-key.ts';
import type { TemporaryDirectory } from './temporary.ts';

/**
 * A stand-in for Ubuntu 24.04: an archive with its suites and components, signed by one key, and the root of a container image that is made of Debian's
 * packages, and is Ubuntu's in all that tells one from the other.
 */
export interface UbuntuStandIn extends AsyncDisposable {
  /** With it, the addresses in the image lead to the archive: to pass on in the environment. */
  readonly proxy: { readonly http_proxy: string };
  readonly key: SigningKey;
}

/** By the names of example.org, as nothing else may be in an image: it would lead to the machine that reads it. */
const SUITES = {
  noble: 'http://archive.ubuntu.example.org/ubuntu/',
  'noble-security': 'http://security.ubuntu.example.org/ubuntu/',
};
const KEYRING = '/usr/share/keyrings/ubuntu-archive-keyring.gpg';
const COMPONENTS = 'main universe restricted multiverse';

/** As Ubuntu's container images have it; the licences stay, and so do changes by Debian and Ubuntu. */
const EXCLUDES = [
  '# Drop all man pages',
  'path-exclude=/usr/share/man/*',
  '',
  '# Drop all documentation ...',
  'path-exclude=/usr/share/doc/*',
  '# ... except copyright files ...',
  'path-include=/usr/share/doc/*/copyright',
  '# ... and Debian changelogs for native & non-native packages',
  'path-include=/usr/share/doc/*/changelog.*',
  '',
].join('\n');

export const KERNEL = '6.8.0-31-generic';

/** A kernel in the shape of Ubuntu's: image and modules are packages, and a meta package names both. */
function kernel(version: string): DebDescription[] {
  const shape = { version: '6.8.0-31.31', architecture: 'amd64', compression: 'zstd' } as const;
  return [
    {
      ...shape,
      name: `linux-image-${version}`,
      depends: [`linux-modules-${version}`],
      // What is no bigger would not be an object of its own.
      files: { [`/boot/vmlinuz-${version}`]: Buffer.alloc(8192, 'kernel') },
    },
    {
      ...shape,
      name: `linux-modules-${version}`,
      files: {
        [`/boot/config-${version}`]: 'CONFIG_LOCALVERSION=""\n',
        [`/boot/System.map-${version}`]: 'map\n',
        [`/lib/modules/${version}/modules.builtin`]: 'kernel/fs/erofs/erofs.ko\n',
      },
    },
    {
      ...shape,
      name: 'linux-image-generic',
      version: '6.8.0-31.31',
      depends: [`linux-image-${version}`],
      fields: { Section: 'kernel', Source: 'linux-meta' },
    },
  ];
}

/** Starts the archive. Beside what is made for it, it has packages of Debian that the machine's own mirror gives. */
export async function ubuntuArchive(work: TemporaryDirectory): Promise<UbuntuStandIn> {
  const debs = work.join('debs');
  fs.mkdirSync(debs);
  await must('apt-get', ['download', 'hello', 'jq', 'libjq1', 'libonig5'], { cwd: debs });
  const downloaded = fs.readdirSync(debs).map(name => `${debs}/${name}`);
  const tool = (version: string): DebDescription => ({
    ...{ name: 'ubuntu-tool', version, compression: 'zstd' },
    files: {
      '/usr/share/ubuntu-tool': `${version}\n`,
      '/usr/share/man/man1/ubuntu-tool.1': 'left out\n',
      '/usr/share/doc/ubuntu-tool/changelog.Debian': 'kept\n',
    },
  });
  const origin = 'Ubuntu';
  const release = await archive([...kernel(KERNEL), tool('1-1build1')], { suite: 'noble', origin });
  await release.publish(downloaded, 'universe');
  for (const component of ['restricted', 'multiverse']) await release.publish([], component);
  const security = await archive([tool('1-1ubuntu0.24.04.1')], {
    ...{ suite: 'noble-security', origin, key: release.key },
  });
  for (const component of ['universe', 'restricted', 'multiverse']) await security.publish([], component);
  const served = work.join('archive');
  fs.mkdirSync(`${served}/ubuntu/dists`, { recursive: true });
  for (const { directory, suite } of [release, security]) {
    fs.symlinkSync(`${directory}/dists/${suite}`, `${served}/ubuntu/dists/${suite}`);
    await must('cp', ['-r', `${directory}/pool`, `${served}/ubuntu/`]);
  }
  const server = await fileServer(served);
  return {
    proxy: { http_proxy: server.url },
    key: release.key,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await security[Symbol.asyncDispose]();
      await release[Symbol.asyncDispose]();
    },
  };
}

/** Unpacks the root of a container image of a release; its sources are the stand-in's. */
export async function ubuntuRoot(
  root: string,
  { key }: UbuntuStandIn,
  { version, codename }: { readonly version: string; readonly codename: string },
): Promise<void> {
  await containerRoot(root);
  const write = (path: string, text: string | Buffer) => fs.writeFileSync(root + path, text);
  fs.rmSync(`${root}/etc/dpkg/dpkg.cfg.d/docker`);
  write('/etc/dpkg/dpkg.cfg.d/excludes', EXCLUDES);
  write('/etc/debian_version', 'trixie/sid\n');
  write('/etc/issue', `Ubuntu ${version} LTS \\n \\l\n`);
  write(
    '/usr/lib/os-release',
    [
      `PRETTY_NAME="Ubuntu ${version} LTS"\nNAME="Ubuntu"\nVERSION_ID="${version}"`,
      `VERSION="${version} LTS"\nVERSION_CODENAME=${codename}\nID=ubuntu\nID_LIKE=debian`,
      `UBUNTU_CODENAME=${codename}\n`,
    ].join('\n'),
  );
  fs.rmSync(`${root}/usr/share/keyrings`, { recursive: true });
  for (const name of fs.readdirSync(`${root}/etc/apt/trusted.gpg.d`))
    fs.rmSync(`${root}/etc/apt/trusted.gpg.d/${name}`);
  fs.mkdirSync(`${root}/usr/share/keyrings`);
  write(KEYRING, fs.readFileSync(key.keyring));
  write('/etc/apt/sources.list', '# Ubuntu sources have moved to /etc/apt/sources.list.d/ubuntu.sources\n');
  const stanzas = Object.entries(SUITES).map(([suite, uri]) =>
    [
      ...['Types: deb', `URIs: ${uri}`, `Suites: ${suite}`, `Components: ${COMPONENTS}`],
      `Signed-By: ${KEYRING}\n`,
    ].join('\n'),
  );
  write('/etc/apt/sources.list.d/ubuntu.sources', stanzas.join('\n'));
}
