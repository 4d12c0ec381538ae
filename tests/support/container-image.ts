import fs from 'node:fs';
import path from 'node:path';
import { unpackMinbase } from './base.ts';
import { must } from './command.ts';
import { debianSources } from './host-apt.ts';
import type { Registry } from './registry.ts';

/** What the makers of Debian's container images put over a minimal root (debuerreotype, the `slim` variant). */
const CONTAINER_FILES: Readonly<Record<string, string>> = {
  '/etc/dpkg/dpkg.cfg.d/docker': [
    ...['path-exclude /usr/share/doc/*', 'path-include /usr/share/doc/*/copyright'],
    ...['groff', 'info', 'linda', 'lintian', 'man'].map(name => `path-exclude /usr/share/${name}/*`),
    ...['path-exclude /usr/share/locale/*', 'path-include /usr/share/locale/locale.alias', ''],
  ].join('\n'),
  '/etc/dpkg/dpkg.cfg.d/docker-apt-speedup': 'force-unsafe-io\n',
  '/etc/apt/apt.conf.d/docker-autoremove-suggests': 'Apt::AutoRemove::SuggestsImportant "false";\n',
  '/etc/apt/apt.conf.d/docker-clean': [
    'DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/*.bin || true"; };',
    'APT::Update::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/*.bin || true"; };',
    'Dir::Cache::pkgcache ""; Dir::Cache::srcpkgcache "";\n',
  ].join('\n'),
  '/etc/apt/apt.conf.d/docker-gzip-indexes': 'Acquire::GzipIndexes "true";\n',
  '/etc/apt/apt.conf.d/docker-no-languages': 'Acquire::Languages "none";\n',
  '/usr/sbin/policy-rc.d': '#!/bin/sh\nexit 101\n',
};

/**
 * Unpacks a root as Debian's container images have it, of real packages: no kernel, no init, no lists of apt, and without what its dpkg is told to
 * leave out. It has no sources of packages: see `debianSourcesFile`.
 */
export async function containerRoot(root: string): Promise<void> {
  await unpackMinbase(root);
  for (const [file, text] of Object.entries(CONTAINER_FILES))
    fs.writeFileSync(root + file, text, { mode: file.startsWith('/etc/') ? 0o644 : 0o755 });
  const share = `cd "$1/usr/share" && find doc -not -type d -not -name copyright -delete && find doc -depth -type d -empty -delete`;
  const gone =
    'rm -rf groff/* info/* linda/* lintian/* man/* && find locale -mindepth 1 -maxdepth 1 -not -name locale.alias -exec rm -r {} +';
  await must('sh', ['-c', `${share} && ${gone}`, 'sh', root]);
  fs.rmSync(`${root}/etc/apt/sources.list`, { force: true });
  for (const directory of ['/var/lib/apt/lists', '/etc/apt/sources.list.d']) emptyDirectory(root + directory);
  for (const name of ['hostname', 'machine-id']) fs.rmSync(`${root}/etc/${name}`, { force: true });
}

function emptyDirectory(directory: string): void {
  for (const name of fs.readdirSync(directory))
    fs.rmSync(path.join(directory, name), { recursive: true, force: true });
}

/** The text of `debian.sources` with the mirrors of this machine. */
export async function debianSourcesFile(suite: string): Promise<string> {
  const stanzas = (await debianSources(suite)).map(line => {
    const [, uri = '', part = '', components = ''] = line.split(' ');
    const keys = '/usr/share/keyrings/debian-archive-keyring.gpg';
    return `Types: deb\nURIs: ${uri}\nSuites: ${part}\nComponents: ${components}\nSigned-By: ${keys}\n`;
  });
  return stanzas.join('\n');
}

/** Makes an image of one layer of a root, and sends it to a registry as NAME:TAG. `layout` is a new directory. */
export async function sendRoot(
  root: string,
  { layout, registry, name }: { readonly layout: string; readonly registry: Registry; readonly name: string },
): Promise<void> {
  await must('umoci', ['init', '--layout', layout]);
  await must('umoci', ['new', '--image', `${layout}:image`]);
  await must('umoci', ['insert', '--image', `${layout}:image`, root, '/']);
  const to = `docker://${registry.host}/${name}`;
  await must('skopeo', ['copy', '--quiet', '--dest-tls-verify=false', `oci:${layout}:image`, to]);
}

/** The environment of a user for whom docker.io is a registry of the test. `home` is a new directory. */
export function asDockerHub(registry: Registry, home: string): MirrorUser {
  return asMirror(home, { name: 'docker.io', mirror: registry.host });
}

interface MirrorUser {
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The same for any name of a registry. */
export function asMirror(
  home: string,
  { name, mirror }: { readonly name: string; readonly mirror: string },
): MirrorUser {
  fs.mkdirSync(`${home}/.config/containers`, { recursive: true });
  fs.writeFileSync(`${home}/.config/containers/registries.conf`, mirrorText(name, mirror));
  return { env: { HOME: home, XDG_CONFIG_HOME: undefined } };
}

/** The text of registries.conf that has images of `name` fetched from `mirror`, without TLS. */
export function mirrorText(name: string, mirror: string): string {
  return [
    `[[registry]]\nprefix = "${name}"\nlocation = "${name}"`,
    `[[registry.mirror]]\nlocation = "${mirror}"\ninsecure = true\n`,
  ].join('\n');
}

/** Where images for bootc have kernel arguments. */
export const BOOTC_ARGUMENTS = '/usr/lib/bootc/kargs.d';

/**
 * Gives the root of an image of ours the layout of one for bootc: `initramfs.img` beside the modules, kernel arguments by the names of their files, nothing that
 * tells of /boot.
 */
export function asBootcRoot(root: string, kargs: Readonly<Record<string, string>>): void {
  for (const kernel of fs.readdirSync(`${root}/usr/lib/modules`)) {
    const modules = `${root}/usr/lib/modules/${kernel}`;
    fs.renameSync(`${modules}/initrd.img`, `${modules}/initramfs.img`);
  }
  fs.rmSync(`${root}/usr/lib/sysimage/boot`, { recursive: true });
  fs.symlinkSync('sysroot/ostree', `${root}/ostree`);
  fs.mkdirSync(root + BOOTC_ARGUMENTS, { recursive: true });
  for (const [name, text] of Object.entries(kargs))
    fs.writeFileSync(`${root}${BOOTC_ARGUMENTS}/${name}`, text);
}
