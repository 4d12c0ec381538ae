import fs from 'node:fs';
import path from 'node:path';
import { must } from './command.ts';
import { withFileLock } from './file-lock.ts';
import { debianSources, hostAcquireOptions } from './host-apt.ts';
import { cacheDirectory } from './places.ts';

/** The release that tests layer packages on. */
export const BASE_SUITE = 'trixie';

/**
 * A tar file with a real Debian root: mmdebstrap's variant minbase of `suite`. Made from the machine's own mirror
 * when the cache has none (about half a minute, 40 MB of downloads), and shared by all test runs. Delete
 * `.cache/base` for a newer one.
 */
export async function minbaseTar(suite = BASE_SUITE): Promise<string> {
  const directory = cacheDirectory('base');
  const tar = path.join(directory, `${suite}-minbase.tar`);
  if (fs.existsSync(tar)) return tar;
  await withFileLock(path.join(directory, 'lock'), async () => {
    if (!fs.existsSync(tar)) await bootstrap(suite, tar);
  });
  return tar;
}

async function bootstrap(suite: string, tar: string): Promise<void> {
  const options = await hostAcquireOptions();
  const unfinished = `${tar}.unfinished`;
  await must('mmdebstrap', [
    '--quiet',
    '--mode=root',
    '--variant=minbase',
    '--format=tar',
    ...options.map(option => `--aptopt=${aptConfLine(option)}`),
    // What mmdebstrap takes from the host has no place in a root that runs elsewhere.
    '--customize-hook=rm -f "$1/etc/resolv.conf" "$1/etc/apt/apt.conf.d/99mmdebstrap"',
    '--customize-hook=echo debian >"$1/etc/hostname"',
    suite,
    unfinished,
    ...(await debianSources(suite)),
  ]);
  fs.renameSync(unfinished, tar);
}

function aptConfLine(option: string): string {
  const equals = option.indexOf('=');
  return `${option.slice(0, equals)} "${option.slice(equals + 1)}"`;
}

/** Unpacks the minbase root into `directory`, which is made; owners, device nodes and xattrs as in the original. */
export async function unpackMinbase(directory: string, suite = BASE_SUITE): Promise<void> {
  const tar = await minbaseTar(suite);
  fs.mkdirSync(directory, { recursive: true });
  await must('tar', ['--extract', '--file', tar, '--directory', directory, ...TAR_EXACTLY]);
}

const TAR_EXACTLY = ['--preserve-permissions', '--numeric-owner', '--xattrs', '--xattrs-include=*'];

/** Copies a root with everything that `compareTrees` looks at; `to` must not exist. */
export async function copyRoot(from: string, to: string): Promise<void> {
  await must('cp', ['--archive', '--reflink=auto', '--no-target-directory', '--', from, to]);
}
