import { createHash } from 'node:crypto';
import { CODE } from '../../../code/index.ts';
import { type ByteString, fromBuffer, fromText } from '../../../formats/bytes/index.ts';
import {
  components,
  type Directory,
  lookup,
  type Node,
  type RegularFile,
  resolveParents,
  type Tree,
} from '../../../formats/tree/index.ts';
import { fingerprint, without } from './fingerprint.ts';
import type { InitramfsMaker } from './maker.ts';

/** What is read whole, whatever makes the initramfs, besides the modules of the kernel itself. */
const READ_WHOLE = [
  '/usr/lib/firmware',
  ...[
    '/usr/lib/modprobe.d',
    '/etc/modprobe.d',
    '/usr/lib/modules-load.d',
    '/etc/modules-load.d',
    '/etc/modules',
  ],
  ...['/usr/lib/udev', '/etc/udev', '/usr/lib/systemd/network', '/etc/systemd/network'],
  ...[
    '/etc/ld.so.conf',
    '/etc/ld.so.conf.d',
    '/etc/default',
    '/etc/kernel',
    '/etc/console-setup',
    '/etc/plymouth',
  ],
  ...[
    '/etc/fstab',
    '/etc/crypttab',
    '/etc/mdadm',
    '/etc/lvm',
    '/etc/multipath',
    '/etc/multipath.conf',
    '/etc/iscsi',
  ],
];
const SCRIPT_BYTES_MAX = 256 * 1024;
/** A directory that is named with fewer components is only passed through. */
const DIRECTORY_DEPTH_MIN = 3;
/** What is there while it is made says nothing, nor does a cache. */
const FLEETING = /^\/(?:dev|proc|run|sys|tmp|var\/(?:cache|run|tmp)|etc\/ld\.so\.cache)(?:\/|$)/;
/** A hook looks for the program of each file system that is mounted at boot. */
const PROGRAMS_BY_PREFIX = /^(?:fsck|mount)\./;

/** A library by the name that programs link to, a unit without its instance. */
const STEM = /(?<=\.so)\..*$|@.*$/;
const LIBRARIES = /^\/usr\/lib\/[a-z0-9_]+-linux-gnu[a-z0-9_]*$/;

/**
 * Digest of everything that decides what the initramfs of a kernel is, the code that makes it included, but for the contents of the programs and
 * libraries that get into it, which its record has (record.ts): the kernel's modules, firmware and configuration, the
 * scripts that make it, and whatever these name: a path, or a program, unit or library that may or may not be there.
 */
export function inputsKey(
  tree: Tree,
  version: string,
  options: {
    readonly maker: InitramfsMaker;
    readonly epochSeconds: number;
    readonly read: (file: RegularFile) => Buffer;
  },
): string {
  const { maker, epochSeconds, read } = options;
  const hash = createHash('sha256');
  const add = (name: string, node: Node | undefined) =>
    hash.update(`${name}\0${node === undefined ? '-' : fingerprint(node, epochSeconds)}\n`);
  const modules = nodeAt(tree, `/usr/lib/modules/${version}`);
  hash.update(`${CODE.initramfs} ${maker.program} ${version} ${epochSeconds}\n`);
  add('modules', modules?.kind === 'directory' ? without(modules, [fromText('initrd.img')]) : modules);
  add('config', nodeAt(tree, `/boot/config-${version}`));
  for (const path of [...READ_WHOLE, ...maker.scripts]) add(path, nodeAt(tree, path));
  const words = wordsOf(maker.scripts.flatMap(path => textsBelow(nodeAt(tree, path), read)));
  const searched = [...maker.searched, ...(maker.program === 'dracut' ? librariesOf(tree) : [])];
  for (const path of words.paths) {
    const node = nodeAt(tree, path);
    const isPassedThrough =
      node?.kind === 'directory' &&
      (components(fromText(path)).length < DIRECTORY_DEPTH_MIN || searched.includes(path));
    if (!isPassedThrough) add(path, node);
  }
  for (const directory of searched) {
    const node = nodeAt(tree, directory);
    if (node?.kind === 'directory')
      addNamed(node, words.names, (name, found) => {
        if (!searched.includes(`${directory}/${name}`)) add(`${directory}/${name}`, found);
      });
  }
  return hash.digest('hex');
}

function addNamed(
  directory: Directory,
  names: ReadonlySet<string>,
  add: (name: string, node: Node) => void,
): void {
  for (const name of [...directory.entries.keys()].sort())
    if (names.has(name) || names.has(name.replace(STEM, '')) || PROGRAMS_BY_PREFIX.test(name))
      add(name, directory.entries.get(name) as Node);
}

/** What is at a path of a system, with links among its parents followed. */
export function nodeAt(tree: Tree, path: string): Node | undefined {
  return lookup(tree, `/${resolveParents(tree, fromText(path)).join('/')}` as ByteString);
}

function textsBelow(node: Node | undefined, read: (file: RegularFile) => Buffer): ByteString[] {
  if (node?.kind === 'directory') return [...node.entries.values()].flatMap(child => textsBelow(child, read));
  if (node?.kind !== 'file' || node.size > SCRIPT_BYTES_MAX) return [];
  const bytes = read(node);
  return bytes.includes(0) ? [] : [fromBuffer(bytes)];
}

function wordsOf(texts: readonly ByteString[]): { paths: readonly string[]; names: ReadonlySet<string> } {
  const paths = new Set<string>();
  const names = new Set<string>();
  // What follows a variable is a path below it.
  for (const text of texts)
    for (const [word] of text.replace(/\$\w+/g, ' ').matchAll(/[A-Za-z0-9._+/-]{2,}/g)) {
      // Of a pattern such as `libx.so.*` and `x.d/*` there is the first part.
      const path = word.replace(/[/.]+$/, '');
      const name = path.slice(path.lastIndexOf('/') + 1);
      if (path.startsWith('/') && !FLEETING.test(path)) paths.add(path);
      if (name !== '') names.add(name);
    }
  return { paths: [...paths].sort(), names };
}

/** The directories of libraries of a system; each architecture has its own. */
function librariesOf(tree: Tree): string[] {
  const node = nodeAt(tree, '/usr/lib');
  const names = node?.kind === 'directory' ? [...node.entries.keys()].sort() : [];
  return names.map(name => `/usr/lib/${name}`).filter(path => LIBRARIES.test(path));
}
