import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { directory, type MemoryEntry, memoryTree } from '../../../../tests/support/memory-package.ts';
import { canonicalText, randomTree } from '../../../../tests/support/random-tree.ts';
import { type ByteString, fromText, toText } from '../../../formats/bytes/index.ts';
import { type Directory, diffNodes, lookup, type Tree, withNode } from '../../../formats/tree/index.ts';
import { relocate } from './relocate.ts';
import { restore } from './restore.ts';
import { IMAGE_STATE } from './table.ts';

/** Directories that every Debian root has, each with metadata of its own. */
const DIRECTORIES = [
  '/usr/lib',
  '/usr/local',
  '/var/lib/dpkg',
  '/var/cache',
  '/var/opt',
  '/home',
  '/root',
  '/srv',
  '/opt',
  '/mnt',
  '/boot',
  '/run',
  '/dev',
  '/proc',
  '/sys',
];

/** Where the content of a random root may be. */
const PLACES = [
  '/home',
  '/root/.ssh',
  '/srv',
  '/mnt',
  '/usr/local/lib',
  '/opt/vendor',
  '/opt',
  '/var/opt/vendor',
  '/var/opt/other',
  '/boot',
  '/boot/grub',
  '/usr/lib/modules/6.1',
  '/var/lib/apt',
  '/etc',
  ...IMAGE_STATE.map(({ from }) => from).filter(path => path !== '/var/lib/apt/extended_states'),
];
const NAMES = [
  'a',
  'b',
  'bin',
  'vmlinuz-6.1',
  'config-6.1',
  'initrd.img-6.1',
  'vmlinuz-7',
  'config-8',
  'vmlinuz',
  'extended_states',
  '\u{e9}',
];
const TARGETS = [
  'a',
  '../a',
  '../../usr/b',
  '../../../etc/c',
  '/usr/x',
  '../var/lib',
  '../../modules/6.1/other',
  '..',
  '../',
];

const entry: fc.Arbitrary<MemoryEntry> = fc.oneof(
  fc.string(),
  fc.constantFrom(...TARGETS).map(link => ({ link })),
);
const content = fc.array(fc.tuple(fc.constantFrom(...PLACES), fc.constantFrom(...NAMES), entry), {
  maxLength: 25,
});

function plainRoot(entries: readonly (readonly [place: string, name: string, entry: MemoryEntry])[]): Tree {
  let root: Tree = memoryTree({});
  for (const [index, path] of DIRECTORIES.entries())
    root = withNode(root, fromText(path), directory({ mode: 0o700 + index, mtime: index }));
  root = withNode(root, fromText('/tmp'), directory({ mode: 0o1777 }));
  root = withNode(root, fromText('/media'), directory({ mtime: 77, gid: 3 }));
  for (const [place, name, value] of entries) {
    const node = memoryTree({ x: value }).entries.get(fromText('x'));
    const path = fromText(`${place}/${name}`);
    if (lookup(root, path) === undefined) root = withNode(root, path, node);
  }
  return root;
}

const differences = (before: Tree, after: Tree) =>
  [...diffNodes(before, after, { times: true })].map(({ change, path }) => `${change} ${toText(path)}`);

describe('restore', () => {
  it('brings every plain root back', () => {
    fc.assert(
      fc.property(content, entries => {
        const root = plainRoot(entries);
        expect(differences(root, restore(relocate(root)))).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  it('is undone by relocate', () => {
    fc.assert(
      fc.property(content, entries => {
        const image = relocate(plainRoot(entries));
        expect(differences(image, relocate(restore(image)))).toEqual([]);
        expect(differences(image, relocate(image))).toEqual([]);
      }),
    );
  });

  it('leaves a plain root as it is', () => {
    fc.assert(
      fc.property(content, entries => {
        const root = plainRoot(entries);
        expect(restore(root)).toBe(root);
      }),
    );
  });

  it('takes any tree', () => {
    fc.assert(
      fc.property(fc.nat(), seed => {
        const tree = randomTree(seed, { size: 60 });
        expect(canonicalText(restore(tree))).toBe(canonicalText(tree));
        const image = relocate(tree);
        expect(canonicalText(relocate(image))).toBe(canonicalText(image));
      }),
      { numRuns: 25 },
    );
  });

  it('finds the package database of an image whose /var was emptied', () => {
    const image = relocate(plainRoot([['/var/lib/dpkg', 'a', 'text']]));
    const emptied = withNode(image, fromText('/var'), directory());
    const root = restore(emptied);
    expect(lookup(root, fromText('/var/lib/dpkg/a'))?.kind).toBe('file');
    expect(lookup(root, fromText('/usr/lib/sysimage'))).toBeUndefined();
    expect(lookup(root, fromText('/root'))).toMatchObject({ kind: 'directory', mode: 0o700 });
  });

  it('leaves an initramfs that was made beside the modules there', () => {
    const image = relocate(plainRoot([['/boot', 'vmlinuz-6.1', 'kernel']]));
    const initramfs = memoryTree({ x: 'initramfs' }).entries.get('x' as ByteString);
    const root = restore(withNode(image, fromText('/usr/lib/modules/6.1/initrd.img'), initramfs));
    expect([...(lookup(root, fromText('/boot')) as Directory).entries.keys()]).toEqual(['vmlinuz-6.1']);
    expect(lookup(root, fromText('/usr/lib/modules/6.1/initrd.img'))).toBe(initramfs);
  });

  it('keeps a package that was removed out of /var/opt', () => {
    const image = relocate(
      plainRoot([
        ['/opt/vendor', 'a', 'text'],
        ['/var/opt/other', 'b', 'data'],
      ]),
    );
    expect(lookup(image, fromText('/var/opt/vendor'))?.kind).toBe('symlink');
    const root = restore(image);
    const without = relocate(withNode(root, fromText('/opt/vendor'), undefined));
    expect([...(lookup(without, fromText('/var/opt')) as Directory).entries.keys()]).toEqual(['other']);
  });
});
