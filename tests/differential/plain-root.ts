import fs from 'node:fs';
import path from 'node:path';
import { aptLayerMust } from '../support/program.ts';

/** Where the layout of an image keeps what a plain Debian root has elsewhere. */
const MOVED_INTO =
  /^\/(usr\/lib\/sysimage\/(?!boot(\/|$))|var\/(home|roothome|srv|mnt|usrlocal)(\/|$)|run\/media$)/;

/** An image of two thousand packages takes long on a slow disk. */
const LIMIT = { timeoutMs: 3600 * 1000 };

const SYSIMAGE = '/usr/lib/sysimage';
const OPT = '/usr/lib/opt';

/** Checks an image out as the plain Debian root that its layout was made of. */
export async function checkoutPlain(sysroot: string, ref: string, directory: string): Promise<void> {
  await aptLayerMust(sysroot, ['image', 'checkout', ref, directory], LIMIT);
  makePlainRoot(directory);
}

/**
 * Undoes the layout of an image in a checked-out root, in place: what links below /usr/lib/sysimage and into /var stand for is
 * moved to where they are, /opt and /boot have their content again. A root without the layout stays as it is. It follows the links
 * that are there and knows nothing of how the program made them.
 */
export function makePlainRoot(root: string): void {
  restoreOwned(root);
  for (const link of linksOf(root)) {
    // It has moved with the directory it is in.
    if (lstat(root, link) === undefined) continue;
    const target = lexicalTarget(root, link);
    if (MOVED_INTO.test(target)) moveBack(root, target, link);
  }
  restoreOpt(root);
  restoreBoot(root);
  for (const added of [SYSIMAGE, '/sysroot']) removeEmptyBelow(root, added);
}

/** The links of the top, of /usr and of all of /var, as absolute paths of the root. */
function linksOf(root: string): string[] {
  const shallow = ['/', '/usr'].flatMap(directory => childrenOf(root, directory));
  return [...shallow, ...below(root, '/var')].filter(name => lstat(root, name)?.isSymbolicLink() === true);
}

/** Everything below a directory, byte for byte where names are not UTF-8 (latin1). */
function below(root: string, directory: string): string[] {
  return childrenOf(root, directory).flatMap(name =>
    lstat(root, name)?.isDirectory() === true ? [name, ...below(root, name)] : [name],
  );
}

function childrenOf(root: string, directory: string): string[] {
  if (lstat(root, directory)?.isDirectory() !== true) return [];
  return fs
    .readdirSync(onDisk(root, directory), { encoding: 'latin1' })
    .map(name => path.posix.join(directory, name));
}

function onDisk(root: string, name: string): Buffer {
  return Buffer.concat([Buffer.from(root), Buffer.from(name, 'latin1')]);
}

function lstat(root: string, name: string): fs.Stats | undefined {
  return fs.lstatSync(onDisk(root, name), { throwIfNoEntry: false });
}

function targetOf(root: string, link: string): string {
  return fs.readlinkSync(onDisk(root, link), { encoding: 'latin1' });
}

function lexicalTarget(root: string, link: string): string {
  return path.posix.resolve(path.posix.dirname(link), targetOf(root, link));
}

/** Moves what is at `from` to `to`, whatever is there, and keeps its relative links leading where they lead. */
function moveBack(root: string, from: string, to: string): void {
  const source = lstat(root, from);
  if (source === undefined && from !== '/run/media') return;
  fs.rmSync(onDisk(root, to), { recursive: true, force: true });
  if (source === undefined) {
    fs.mkdirSync(onDisk(root, to));
    fs.chmodSync(onDisk(root, to), 0o755);
    return;
  }
  const links = below(root, from)
    .filter(name => lstat(root, name)?.isSymbolicLink() === true)
    .map(name => ({ name, text: targetOf(root, name), leadsTo: lexicalTarget(root, name) }));
  fs.renameSync(onDisk(root, from), onDisk(root, to));
  for (const { name, text, leadsTo } of links) {
    if (text.startsWith('/') || leadsTo.startsWith(`${from}/`)) continue;
    const moved = `${to}${name.slice(from.length)}`;
    const { uid, gid } = fs.lstatSync(onDisk(root, moved));
    fs.unlinkSync(onDisk(root, moved));
    const relative = path.posix.relative(path.posix.dirname(moved), leadsTo);
    fs.symlinkSync(Buffer.from(relative, 'latin1'), onDisk(root, moved));
    fs.lchownSync(onDisk(root, moved), uid, gid);
  }
}

/** /opt is a link to /var/opt, which has a link for each name of the content in /usr/lib/opt. */
function restoreOpt(root: string): void {
  if (lstat(root, '/opt')?.isSymbolicLink() !== true || lstat(root, OPT) === undefined) return;
  for (const name of below(root, '/var/opt'))
    if (lstat(root, name)?.isSymbolicLink() === true && lexicalTarget(root, name).startsWith(`${OPT}/`))
      fs.unlinkSync(onDisk(root, name));
  moveBack(root, OPT, '/opt');
}

/** What the image has of directories of the machine, and where these are in it. */
const OWNED: Readonly<Record<string, string>> = {
  usrlocal: '/var/usrlocal',
  srv: '/var/srv',
  roothome: '/var/roothome',
  home: '/var/home',
  www: '/var/www',
};

/** Files of the image take the place of the links to them. */
function restoreOwned(root: string): void {
  for (const [name, place] of Object.entries(OWNED)) {
    const content = `${SYSIMAGE}/${name}`;
    for (const file of below(root, content)) {
      if (lstat(root, file)?.isDirectory() === true) continue;
      const to = `${place}${file.slice(content.length)}`;
      const isLink = lstat(root, file)?.isSymbolicLink() === true;
      const leadsTo = isLink ? lexicalTarget(root, file) : '';
      const isOutside = isLink && !targetOf(root, file).startsWith('/') && !leadsTo.startsWith(`${content}/`);
      fs.renameSync(onDisk(root, file), onDisk(root, to));
      if (!isOutside) continue;
      const { uid, gid } = fs.lstatSync(onDisk(root, to));
      fs.unlinkSync(onDisk(root, to));
      fs.symlinkSync(
        Buffer.from(path.posix.relative(path.posix.dirname(to), leadsTo), 'latin1'),
        onDisk(root, to),
      );
      fs.lchownSync(onDisk(root, to), uid, gid);
    }
    fs.rmSync(onDisk(root, content), { recursive: true, force: true });
  }
  fs.rmSync(onDisk(root, '/usr/lib/tmpfiles.d/apt-layer-links.conf'), { force: true });
}

/** /usr/lib/sysimage/boot has the content of /boot, with links to kernels that are with their modules. */
function restoreBoot(root: string): void {
  const content = `${SYSIMAGE}/boot`;
  for (const name of childrenOf(root, content)) {
    const isLink = lstat(root, name)?.isSymbolicLink() === true;
    const target = isLink ? lexicalTarget(root, name) : name;
    const isKernel = isLink && target.startsWith('/usr/lib/modules/');
    moveBack(root, isKernel ? target : name, `/boot/${path.posix.basename(name)}`);
    if (isKernel) fs.unlinkSync(onDisk(root, name));
  }
}

function removeEmptyBelow(root: string, directory: string): void {
  for (const name of childrenOf(root, directory))
    if (lstat(root, name)?.isDirectory() === true) removeEmptyBelow(root, name);
  if (lstat(root, directory)?.isDirectory() === true && childrenOf(root, directory).length === 0)
    fs.rmdirSync(onDisk(root, directory));
}
