import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ByteString, fromText } from '../formats/bytes/index.ts';
import type { Directory, Metadata, Node } from '../formats/tree/index.ts';
import { walk } from '../formats/tree/index.ts';
import { applyLayer } from './apply-layer.ts';

const METADATA: Metadata = { mode: 0o755, uid: 0, gid: 0, mtime: 0, mtimeNsec: 0, xattrs: undefined };

/** `{name: text}` is a file, `{name: {...}}` a directory; `mode` is that of all directories. */
interface Listing {
  readonly [name: string]: string | Listing;
}

function directory(listing: Listing, mode = 0o755): Directory {
  const entries = Object.entries(listing).map(([name, what]): [ByteString, Node] => [
    fromText(name),
    typeof what === 'string' ? file(what) : directory(what, mode),
  ]);
  return { ...METADATA, mode, kind: 'directory', entries: new Map(entries) };
}

function file(text: string): Node {
  const bytes = Buffer.from(text);
  return { ...METADATA, kind: 'file', size: bytes.length, content: { kind: 'inline', bytes }, nlink: 1 };
}

function listing(node: Directory): Listing {
  return Object.fromEntries(
    [...node.entries].map(([name, child]) => [
      name,
      child.kind === 'directory'
        ? listing(child)
        : child.kind === 'file' && child.content.kind === 'inline'
          ? child.content.bytes.toString()
          : child.kind,
    ]),
  );
}

const NONE: ReadonlySet<Directory> = new Set();
const apply = (...layers: Listing[]) =>
  layers
    .map(layer => directory(layer))
    .reduce<Directory | undefined>((lower, root) => applyLayer(lower, { root, implied: NONE }), undefined);

describe('a layer on top of a tree', () => {
  it.each<[string, Listing[], Listing]>([
    [
      'adds and replaces',
      [
        { a: '1', b: '1' },
        { b: '2', c: '2' },
      ],
      { a: '1', b: '2', c: '2' },
    ],
    ['merges directories', [{ d: { a: '1' } }, { d: { b: '2' } }], { d: { a: '1', b: '2' } }],
    [
      'removes',
      [
        { a: '1', d: { x: '1' } },
        { '.wh.a': '', '.wh.d': '' },
      ],
      {},
    ],
    ['removes below', [{ d: { a: '1', b: '1' } }, { d: { '.wh.a': '' } }], { d: { b: '1' } }],
    ['never removes its own', [{ a: '1' }, { '.wh.a': '', a: '2' }], { a: '2' }],
    [
      'removes a directory and brings another',
      [{ d: { a: '1' } }, { '.wh.d': '', d: { b: '2' } }],
      { d: { b: '2' } },
    ],
    ['hides what was there', [{ d: { a: '1' } }, { d: { '.wh..wh..opq': '', b: '2' } }], { d: { b: '2' } }],
    ['puts a file where a directory was', [{ d: { a: '1' } }, { d: '2' }], { d: '2' }],
    ['puts a directory where a file was', [{ d: '1' }, { d: { a: '2' } }], { d: { a: '2' } }],
    ['removes what is not there', [{ a: '1' }, { '.wh.b': '', d: { '.wh.c': '' } }], { a: '1', d: {} }],
    ['ignores what drivers leave', [{ a: '1' }, { '.wh..wh.plnk': '' }], { a: '1' }],
    [
      'has no whiteouts when it is the lowest',
      [{ '.wh.a': '', d: { '.wh..wh..opq': '', b: '1' } }],
      { d: { b: '1' } },
    ],
  ])('%s', (_, layers, expected) => {
    const result = apply(...layers);
    expect(result && listing(result)).toEqual(expected);
  });

  it('gives directories its metadata, but not those that it does not describe', () => {
    const lower = directory({ own: {}, implied: { deep: {} } }, 0o700);
    const root = directory({ own: {}, implied: { deep: {}, fresh: {} } }, 0o711);
    const at = (tree: Directory, ...names: string[]) =>
      names.reduce((from, name) => from.entries.get(fromText(name)) as Directory, tree);
    const implied = new Set([root, at(root, 'implied'), at(root, 'implied', 'fresh')]);
    const result = applyLayer(lower, { root, implied });
    expect(result.mode).toBe(0o700);
    expect(at(result, 'own').mode).toBe(0o711);
    expect(at(result, 'implied').mode).toBe(0o700);
    expect(at(result, 'implied', 'deep').mode).toBe(0o711);
    expect(at(result, 'implied', 'fresh').mode).toBe(0o711);
  });

  it('changes neither, and leaves no whiteout', () => {
    const name = fc.constantFrom('a', 'b', 'c', '.wh.a', '.wh.b', '.wh..wh..opq', '.wh..wh.x');
    const tree = fc.letrec<{ node: string | Listing; root: Listing }>(tie => ({
      node: fc.oneof({ depthSize: 'small' }, fc.constant('text'), tie('root')),
      root: fc.dictionary(name, tie('node'), { maxKeys: 5 }),
    })).root;
    fc.assert(
      fc.property(tree, tree, (below, above) => {
        const [lower, root] = [directory(below), directory(above)];
        const base = applyLayer(undefined, { root: lower, implied: NONE });
        const before = [listing(base), listing(root)];
        const result = applyLayer(base, { root, implied: NONE });
        expect([listing(base), listing(root)]).toEqual(before);
        for (const entry of walk(result)) expect(entry.name.startsWith('.wh.')).toBe(false);
        // A second time, it changes nothing more.
        expect(listing(applyLayer(result, { root, implied: NONE }))).toEqual(listing(result));
      }),
    );
  });
});
