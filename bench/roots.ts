import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { copyRoot, unpackMinbase } from '../tests/support/base.ts';
import { hostAcquireOptions } from '../tests/support/host-apt.ts';
import { must } from './measure.ts';

/** The packages of the layering case: 127 with what they pull in, on a minimal trixie. */
export const LAYERED = ['vim', 'git', 'build-essential', 'python3'];

/** About 1600 packages with what they pull in: a desktop, servers, an office, a kernel. */
export const LAYERED_LARGE = [
  ...['gnome-core', 'libreoffice', 'firefox-esr', 'texlive-base', 'linux-image-amd64'],
  ...['mariadb-server', 'postgresql', 'nginx', 'apache2', 'docker.io', 'postfix', 'openssh-server'],
  ...['build-essential', 'git', 'vim', 'python3'],
];

/** Brings a root to about 24,000 entries and 0.9 GB. */
const LARGE = [...LAYERED, 'cmake', 'gdb', 'clang', 'perl-doc'];

const CACHE = resolve('.cache/bench');

/** A minimal trixie with package lists and the archives of these packages in its cache; one for each set. */
export async function rootWithArchives(packages: readonly string[] = LAYERED): Promise<string> {
  const set = createHash('sha256').update(packages.join(' ')).digest('hex').slice(0, 8);
  return cached(packages === LAYERED ? 'with-archives' : `with-archives-${set}`, async root => {
    await unpackMinbase(root);
    await chroot(root, ['apt-get', '-qq', 'update']);
    await chroot(root, ['apt-get', '-qq', '-y', 'install', '--download-only', ...packages]);
  });
}

/** A Debian root of the size that the import case asks for. */
export async function largeRoot(): Promise<string> {
  const small = await rootWithArchives();
  return cached('large', async root => {
    rmSync(root, { recursive: true, force: true });
    await copyRoot(small, root);
    await chroot(root, ['apt-get', '-qq', '-y', '--no-install-recommends', 'install', ...LARGE]);
    await chroot(root, ['apt-get', 'clean']);
    // ostree takes no device nodes.
    must(['find', `${root}/dev`, '-mindepth', '1', '-delete']);
  });
}

/** The command that runs `command` in a chroot of `root` as plain apt-get users do. */
export function inChroot(root: string, command: readonly string[]): string[] {
  const script =
    'mount -t proc proc "$1/proc" && mount --rbind /dev "$1/dev" && root=$1 && shift && exec chroot "$root" "$@"';
  const environment = [
    'env',
    '-i',
    'PATH=/usr/sbin:/usr/bin:/sbin:/bin',
    'LC_ALL=C.UTF-8',
    'DEBIAN_FRONTEND=noninteractive',
  ];
  return [
    ...environment,
    'unshare',
    '--mount',
    '--propagation',
    'private',
    'sh',
    '-c',
    script,
    'sh',
    root,
    ...command,
  ];
}

async function chroot(root: string, command: readonly string[]): Promise<void> {
  writeFileSync(`${root}/usr/sbin/policy-rc.d`, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  must(['cp', '/etc/resolv.conf', `${root}/etc/resolv.conf`]);
  const [tool = '', ...args] = command;
  const options = (await hostAcquireOptions()).flatMap(option => ['-o', option]);
  must(inChroot(root, [tool, ...options, ...args]));
}

async function cached(name: string, make: (root: string) => Promise<void>): Promise<string> {
  const root = `${CACHE}/${name}`;
  if (existsSync(root)) return root;
  const unfinished = `${root}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(CACHE, { recursive: true });
  await make(unfinished);
  renameSync(unfinished, root);
  return root;
}
