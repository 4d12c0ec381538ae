import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { copyRoot, unpackMinbase } from '../tests/support/base.ts';
import { hostAcquireOptions } from '../tests/support/host-apt.ts';
import { must } from './measure.ts';

/** The packages of the layering case: 127 with what they pull in, on a minimal trixie. */
export const LAYERED = ['vim', 'git', 'build-essential', 'python3'];

/** Brings a root to about 24,000 entries and 0.9 GB. */
const LARGE = [...LAYERED, 'cmake', 'gdb', 'clang', 'perl-doc'];

const CACHE = resolve('.cache/bench');

/** A minimal trixie with package lists and the archives of LAYERED in its cache. */
export async function rootWithArchives(): Promise<string> {
  return cached('with-archives', async root => {
    await unpackMinbase(root);
    await chroot(root, ['apt-get', '-qq', 'update']);
    await chroot(root, ['apt-get', '-qq', '-y', 'install', '--download-only', ...LAYERED]);
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
