import { describe, expect, it } from 'vitest';
import { type ByteString, fromText } from '../bytes/index.ts';
import {
  countEntries,
  countLinks,
  type Directory,
  hiddenNames,
  insertNames,
  isWhiteout,
  lookup,
  lookupDirectory,
  type Node,
  packDirectory,
  packedBytes,
  type Special,
  sortedNames,
  walk,
} from './index.ts';

const metadata = { mode: 0o755, uid: 0, gid: 0, mtime: 0, mtimeNsec: 0, xattrs: undefined };

function directory(entries: Record<string, Node> = {}): Directory {
  return {
    kind: 'directory',
    ...metadata,
    entries: new Map(Object.entries(entries)) as Map<ByteString, Node>,
  };
}

function special(kind: Special['kind'], rdev = 0): Special {
  return { kind, ...metadata, rdev, nlink: 1 };
}

function names(bytes: string[]): ByteString[] {
  return bytes as ByteString[];
}

describe('walk', () => {
  it('goes depth first in unsigned byte order', () => {
    const tree = directory({
      z: special('fifo'),
      'a.b': special('fifo'),
      a: directory({ '\xff': special('fifo'), '~': special('fifo') }),
    });
    expect([...walk(tree)].map(entry => entry.path)).toEqual(['', '/a', '/a/~', '/a/\xff', '/a.b', '/z']);
  });

  it('survives a tree of many thousand levels', () => {
    const tree = directory();
    let inner = tree;
    for (let i = 0; i < 20_000; i++) {
      const next = directory();
      inner.entries.set(fromText('d'), next);
      inner = next;
    }
    let seen = 0;
    for (const entry of walk(tree)) seen += entry.name.length;
    expect(seen).toBe(20_000);
    expect(countEntries(tree).directory).toBe(20_001);
  });
});

describe('lookup', () => {
  const vim = special('socket');
  const tree = directory({ usr: directory({ bin: directory({ vim }) }) });

  it.each([
    ['', 'directory'],
    ['/', 'directory'],
    ['/usr', 'directory'],
    ['/usr/bin/vim', 'socket'],
    ['usr//bin/vim/', 'socket'],
    ['/usr/bin/vim/x', undefined],
    ['/usr/../usr', undefined],
    ['/nope', undefined],
  ])('%j is %s', (path, kind) => {
    expect(lookup(tree, path as ByteString)?.kind).toBe(kind);
  });

  it('gives directories only when asked for them', () => {
    expect(lookupDirectory(tree, fromText('/usr/bin/vim'))).toBeUndefined();
    expect(lookupDirectory(tree, fromText('/usr/bin'))).toBe(lookup(tree, fromText('/usr/bin')));
  });
});

describe('countLinks', () => {
  it('counts names, not what nlink said', () => {
    const twice = special('fifo');
    const once = special('fifo');
    once.nlink = 7;
    countLinks(directory({ a: twice, d: directory({ b: twice, c: once }) }));
    expect([twice.nlink, once.nlink]).toEqual([2, 1]);
  });
});

describe('directories in images', () => {
  it.each([
    [['.', '..'], 0, 27],
    [['.', '..', 'x'.repeat(255)], 0, 294],
    [['.', '..', ...Array.from({ length: 90 }, (_, i) => `name-${i + 10}`)], 0, 27 + 90 * 19],
    [['.', '..', ...Array.from({ length: 120 }, (_, i) => `name-${i + 100}`)], 1, 0],
    [
      ['.', '..', ...Array.from({ length: 300 }, (_, i) => `name-${i + 100}`)],
      1,
      27 + 300 * 20 - (27 + 203 * 20),
    ],
  ])('packs %# into blocks and a tail', (list, blocks, tail) => {
    const packing = packDirectory(names(list));
    expect([packing.ends.length, packing.tailBytes]).toEqual([blocks, tail]);
    expect(packedBytes(packing)).toBe(blocks * 4096 + tail);
  });

  it('keeps names sorted whatever the insertion order', () => {
    const tree = directory({ b: special('fifo'), a: special('fifo'), '\xe4': special('fifo') });
    expect(sortedNames(tree)).toEqual(['a', 'b', '\xe4']);
    expect(insertNames(sortedNames(tree), names(['.', '+']))).toEqual(['+', '.', 'a', 'b', '\xe4']);
  });

  it('hides all names of object directories but those in use', () => {
    const hidden = hiddenNames(directory({ '0f': special('fifo'), FF: special('fifo') }));
    expect(hidden).toHaveLength(255);
    expect(hidden).not.toContain('0f');
    expect(hidden).toContain('ff');
  });

  it('knows a whiteout', () => {
    expect([special('character'), special('character', 1), special('block')].map(isWhiteout)).toEqual([
      true,
      false,
      false,
    ]);
  });
});
