import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalText, randomTree } from '../../../tests/support/random-tree.ts';
import { FormatError } from '../../errors/index.ts';
import { type ByteString, fromText } from '../bytes/index.ts';
import { type Directory, type Leaf, lookup, type Node, type Tree } from '../tree/index.ts';
import { readImage, writeImage } from './index.ts';

const metadata = { mode: 0o644, uid: 0, gid: 0, mtime: 1, mtimeNsec: 0, xattrs: undefined };

function treeOf(entries: Record<string, Node>, root: Partial<Directory> = {}): Tree {
  return {
    kind: 'directory',
    ...metadata,
    ...root,
    entries: new Map(Object.entries(entries)) as Map<ByteString, Node>,
  };
}

function inline(text: string): Leaf {
  const bytes = Buffer.from(text);
  return { kind: 'file', ...metadata, size: bytes.length, content: { kind: 'inline', bytes }, nlink: 1 };
}

function symlink(target: string): Leaf {
  return { kind: 'symlink', ...metadata, target: target as ByteString, nlink: 1 };
}

describe('readImage(writeImage(tree))', () => {
  it('gives the tree back', () => {
    fc.assert(
      fc.property(fc.integer(), fc.constantFrom('sha256', 'sha512'), (seed, algorithm) => {
        const tree = randomTree(seed, { size: 120, algorithm });
        const { image } = writeImage(tree, { version: 1 });
        expect(canonicalText(readImage(image).tree)).toBe(canonicalText(tree));
      }),
      { numRuns: 60 },
    );
  });

  it('gives whiteouts back', () => {
    fc.assert(
      fc.property(fc.integer(), seed => {
        const tree = randomTree(seed, { size: 60, whiteouts: true });
        const { image } = writeImage(tree, { version: 0 });
        expect(canonicalText(readImage(image).tree)).toBe(canonicalText(tree));
      }),
      { numRuns: 40 },
    );
  });

  it('does not touch the tree, and is the same the second time', () => {
    const tree = randomTree(7, { size: 300, whiteouts: true });
    const before = canonicalText(tree);
    const { image, version } = writeImage(tree, { version: 'auto' });
    expect(version).toBe(1);
    expect(canonicalText(tree)).toBe(before);
    expect(writeImage(tree, { version: 1 }).image.equals(image)).toBe(true);
  });

  it('keeps hardlinks one leaf', () => {
    const leaf = inline('x');
    const { image } = writeImage(treeOf({ a: leaf, d: treeOf({ b: leaf }) }), { version: 1 });
    const { tree } = readImage(image);
    expect(lookup(tree, fromText('/a'))).toBe(lookup(tree, fromText('/d/b')));
  });

  it('survives a tree of many thousand levels', () => {
    const tree = treeOf({});
    let inner = tree;
    for (let i = 0; i < 10_000; i++) {
      const next = treeOf({});
      inner.entries.set(fromText('d'), next);
      inner = next;
    }
    const { image } = writeImage(tree, { version: 1 });
    expect(writeImage(readImage(image).tree, { version: 1 }).image.equals(image)).toBe(true);
  });
});

describe('writeImage refuses', () => {
  const long = 'x'.repeat(256);
  it.each([
    ['a name of 256 bytes', treeOf({ [long]: inline('') })],
    ['an empty name', treeOf({ '': inline('') })],
    ['the name ..', treeOf({ d: treeOf({ '..': inline('') }) })],
    ['a slash in a name', treeOf({ 'a/b': inline('') })],
    ['a NUL in a name', treeOf({ 'a\0b': inline('') })],
    ['an empty symlink', treeOf({ a: symlink('') })],
    ['a symlink of 4096 bytes', treeOf({ a: symlink('x'.repeat(4096)) })],
    ['inline content of 5001 bytes', treeOf({ a: inline('x'.repeat(5001)) })],
    ['a size that is not that of the content', treeOf({ a: { ...inline('x'), size: 2 } as Leaf })],
    [
      'too many xattrs',
      treeOf({}, { xattrs: new Map([[fromText('user.a'), 'x'.repeat(33000) as ByteString]]) }),
    ],
    ['an xattr name of 256 bytes', treeOf({}, { xattrs: new Map([[fromText(long), fromText('')]]) })],
  ])('%s', (_, tree) => {
    expect(() => writeImage(tree, { version: 1 })).toThrow(FormatError);
  });

  it('a digest of another algorithm', () => {
    const tree = randomTree(3, { size: 50, algorithm: 'sha512' });
    expect(() => writeImage(tree, { version: 1, algorithm: 'sha256' })).toThrow(/not sha256/);
    expect(writeImage(tree, { version: 1, algorithm: 'sha512' }).image.length).toBeGreaterThan(4096);
  });

  it('and names the path', () => {
    const tree = treeOf({ usr: treeOf({ lib: treeOf({ x: symlink('') }) }) });
    expect(() => writeImage(tree, { version: 1 })).toThrow(/\/usr\/lib\/x: a symlink target/);
  });
});
