import fs from 'node:fs';
import path from 'node:path';
import { aptGetInstallChroot } from './apt-oracle.ts';
import { unpackMinbase } from './base.ts';
import { must } from './command.ts';
import { withFileLock } from './file-lock.ts';
import { cacheDirectory } from './places.ts';
import { temporaryDirectory } from './temporary.ts';

/** What packages of vendors speak to, and a minimal root lacks. */
const PACKAGES = ['systemd', 'udev', 'procps', 'init-system-helpers', 'adduser', 'dbus'];

/** A tar file with the minimal Debian of the tests and what services need; made once, kept in the cache. */
async function serviceBaseTar(): Promise<string> {
  const directory = cacheDirectory('base');
  const tar = path.join(directory, 'trixie-services.tar');
  await withFileLock(path.join(directory, 'lock-services'), async () => {
    if (fs.existsSync(tar)) return;
    await using work = temporaryDirectory('service-base');
    const root = work.join('root');
    await unpackMinbase(root);
    await aptGetInstallChroot(root, PACKAGES);
    await must('tar', ['--create', '--file', `${tar}.unfinished`, '--directory', root, ...EXACTLY, '.']);
    fs.renameSync(`${tar}.unfinished`, tar);
  });
  return tar;
}

/** Unpacks that root into `directory`, which is made. It has no apt sources. */
export async function unpackServiceBase(directory: string): Promise<void> {
  const tar = await serviceBaseTar();
  fs.mkdirSync(directory, { recursive: true });
  await must('tar', [
    '--extract',
    '--file',
    tar,
    '--directory',
    directory,
    '--preserve-permissions',
    ...EXACTLY,
  ]);
  fs.rmSync(`${directory}/etc/apt/sources.list`, { force: true });
  fs.rmSync(`${directory}/etc/apt/sources.list.d`, { recursive: true, force: true });
  fs.mkdirSync(`${directory}/etc/apt/sources.list.d`);
}

const EXACTLY = ['--numeric-owner', '--xattrs', '--xattrs-include=*'];
