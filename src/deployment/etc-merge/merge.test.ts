import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ByteString, fromText, toText } from '../../formats/bytes/index.ts';
import type { Content, Directory, Node } from '../../formats/tree/index.ts';
import { mergeAccounts } from './accounts.ts';
import { etcDrift } from './drift.ts';
import { mergeTrees } from './merge.ts';

/** A file's text, `->TARGET` for a link, or a directory of them. `MODE:` before a text is its mode. */
type Plain = { readonly [name: string]: string | Plain };

const METADATA = { uid: 0, gid: 0, mtime: 0, mtimeNsec: 0, xattrs: undefined };

function nodeOf(plain: string | Plain): Node {
  if (typeof plain !== 'string') return treeOf(plain);
  if (plain.startsWith('->'))
    return { ...METADATA, kind: 'symlink', mode: 0o777, target: fromText(plain.slice(2)), nlink: 1 };
  const [, mode = '644', text = plain] = /^(\d{3}):([\s\S]*)$/.exec(plain) ?? [];
  const bytes = Buffer.from(text);
  const content = { kind: 'inline', bytes } as const;
  return { ...METADATA, kind: 'file', mode: Number.parseInt(mode, 8), size: bytes.length, content, nlink: 1 };
}

function treeOf(plain: Plain): Directory {
  const entries = new Map(Object.entries(plain).map(([name, value]) => [fromText(name), nodeOf(value)]));
  return { ...METADATA, kind: 'directory', mode: 0o755, entries };
}

function plainOf(directory: Directory): Plain {
  return Object.fromEntries(
    [...directory.entries].sort().map(([name, node]) => [toText(name), plainNode(node)]),
  );
}

function plainNode(node: Node): string | Plain {
  if (node.kind === 'directory') return plainOf(node);
  if (node.kind === 'symlink') return `->${node.target}`;
  if (node.kind !== 'file' || node.content.kind !== 'inline') return node.kind;
  const text = node.content.bytes.toString();
  return node.mode === 0o644 ? text : `${node.mode.toString(8)}:${text}`;
}

const CONTENT = {
  digestOf: (content: Content) => (content as { bytes: Buffer }).bytes.toString('hex'),
  read: (file: { content: unknown }) => (file.content as { bytes: Buffer }).bytes,
};

function merge(base: Plain, mine: Plain, fresh: Plain) {
  const sides = { base: treeOf(base), mine: treeOf(mine), fresh: treeOf(fresh) };
  const { tree, verdicts } = mergeTrees(sides, CONTENT);
  return {
    etc: plainOf(tree),
    verdicts: verdicts.map(({ path, verdict, beside, notBeside }) =>
      [path, verdict, beside ?? notBeside ?? []].flat().join(' '),
    ),
  };
}

describe('a merge of /etc', () => {
  it.each<[string, Plain, Plain, Plain, Plain, string[]]>([
    ['takes what the image changed', { a: '1' }, { a: '1' }, { a: '2' }, { a: '2' }, ['/a updated']],
    ['keeps what the machine changed', { a: '1' }, { a: 'm' }, { a: '1' }, { a: 'm' }, ['/a kept']],
    [
      'puts both side by side',
      { a: '1' },
      { a: 'm' },
      { a: '2' },
      { a: 'm', 'a.dpkg-dist': '2' },
      ['/a conflict a.dpkg-dist'],
    ],
    [
      'replaces an older one of these',
      { a: '2' },
      { a: 'm', 'a.dpkg-dist': '2' },
      { a: '3' },
      { a: 'm', 'a.dpkg-dist': '3' },
      ['/a conflict a.dpkg-dist'],
    ],
    [
      'forgets it once both are the same',
      { a: '2' },
      { a: '3', 'a.dpkg-dist': '2' },
      { a: '3' },
      { a: '3' },
      [],
    ],
    [
      'forgets it once the image lacks the file',
      { a: '2' },
      { a: 'm', 'a.dpkg-dist': '2', 'a.apt-layer-new': '2' },
      {},
      { a: 'm' },
      ['/a kept'],
    ],
    [
      'renames what an earlier program put there',
      { a: '2' },
      { a: 'm', 'a.apt-layer-new': '2' },
      { a: '2' },
      { a: 'm', 'a.dpkg-dist': '2' },
      ['/a kept'],
    ],
    [
      'replaces it by the new version under the new name',
      { a: '2' },
      { a: 'm', 'a.apt-layer-new': '2' },
      { a: '3' },
      { a: 'm', 'a.dpkg-dist': '3' },
      ['/a conflict a.dpkg-dist'],
    ],
    [
      "leaves a person's files of these names",
      { a: '1', b: '1' },
      { a: '1', 'a.dpkg-dist': 'p', 'a.apt-layer-new': 'p', b: 'm', 'b.apt-layer-new': 'p' },
      { b: '2' },
      { 'a.dpkg-dist': 'p', 'a.apt-layer-new': 'p', b: 'm', 'b.apt-layer-new': 'p', 'b.dpkg-dist': '2' },
      ['/a removed', '/b conflict b.dpkg-dist'],
    ],
    [
      "writes nothing over a person's file",
      { a: '1' },
      { a: 'm', 'a.dpkg-dist': 'p' },
      { a: '2' },
      { a: 'm', 'a.dpkg-dist': 'p' },
      ['/a conflict taken'],
    ],
    [
      'nor over a file of the image',
      { a: '1' },
      { a: 'm' },
      { a: '2', 'a.dpkg-dist': 'i' },
      { a: 'm', 'a.dpkg-dist': 'i' },
      ['/a conflict taken', '/a.dpkg-dist added'],
    ],
    [
      'says when there is no name for it',
      { ['a'.repeat(250)]: '1' },
      { ['a'.repeat(250)]: 'm' },
      { ['a'.repeat(250)]: '2' },
      { ['a'.repeat(250)]: 'm' },
      [`/${'a'.repeat(250)} conflict too-long`],
    ],
    [
      'puts a link beside a directory with files of the machine',
      { d: { a: '1' } },
      { d: { a: '1', b: 'm' } },
      { d: '->/e' },
      { d: { a: '1', b: 'm' }, 'd.dpkg-dist': '->/e' },
      ['/d conflict d.dpkg-dist'],
    ],
    ['has no quarrel with the same change', { a: '1' }, { a: '2' }, { a: '2' }, { a: '2' }, []],
    ['adds what is new', {}, {}, { a: '1' }, { a: '1' }, ['/a added']],
    ['removes what went', { a: '1' }, { a: '1' }, {}, {}, ['/a removed']],
    ['keeps what went, but was changed', { a: '1' }, { a: 'm' }, {}, { a: 'm' }, ['/a kept']],
    ['does not bring back what was deleted', { a: '1' }, {}, { a: '2' }, {}, ['/a kept-removed']],
    ['keeps what only the machine has', {}, { a: 'm' }, {}, { a: 'm' }, []],
    [
      'takes content from one and mode from the other',
      { a: '1' },
      { a: '600:1' },
      { a: '2' },
      { a: '600:2' },
      ['/a merged'],
    ],
    ['and the other way round', { a: '1' }, { a: 'm' }, { a: '600:1' }, { a: '600:m' }, ['/a merged']],
    [
      'goes into directories',
      { d: { a: '1' } },
      { d: { a: '1', b: 'm' } },
      { d: { a: '2' } },
      { d: { a: '2', b: 'm' } },
      ['/d/a updated'],
    ],
    [
      'removes directories that are left empty',
      { d: { a: '1' } },
      { d: { a: '1' } },
      {},
      {},
      ['/d/a removed'],
    ],
    [
      'keeps directories with files of the machine',
      { d: { a: '1' } },
      { d: { a: '1', b: 'm' } },
      {},
      { d: { b: 'm' } },
      ['/d/a removed'],
    ],
    [
      'follows links of the image',
      { alternatives: { vi: '->/a' } },
      { alternatives: { vi: '->/a' } },
      { alternatives: { vi: '->/b' } },
      { alternatives: { vi: '->/b' } },
      ['/alternatives/vi updated'],
    ],
    [
      "keeps the machine's identity",
      { 'machine-id': '' },
      { 'machine-id': 'id' },
      { 'machine-id': '' },
      { 'machine-id': 'id' },
      [],
    ],
    [
      "keeps the machine's keys",
      { ssh: {} },
      { ssh: { ssh_host_rsa_key: 'k' } },
      { ssh: { ssh_host_rsa_key: 'l' } },
      { ssh: { ssh_host_rsa_key: 'k' } },
      [],
    ],
    [
      'takes the library cache of the image',
      { 'ld.so.cache': '1' },
      { 'ld.so.cache': 'm' },
      { 'ld.so.cache': '2' },
      { 'ld.so.cache': '2' },
      [],
    ],
    [
      'keeps a file where the image has a directory now',
      { a: '1' },
      { a: 'm' },
      { a: { b: '1' } },
      { a: 'm' },
      ['/a conflict directory'],
    ],
    [
      'takes a file where a directory was not touched',
      { a: { b: '1' } },
      { a: { b: '1' } },
      { a: '2' },
      { a: '2' },
      [],
    ],
  ])('%s', (_, base, mine, fresh, etc, verdicts) => {
    expect(merge(base, mine, fresh)).toStrictEqual({ etc, verdicts });
  });

  it('of accounts is by line', () => {
    const merged = merge(
      { group: 'root:x:0:\nsudo:x:27:\n' },
      { group: 'root:x:0:\nsudo:x:27:anna\nanna:x:1000:\n' },
      { group: 'root:x:0:\nsudo:x:27:\n_ssh:x:101:\n' },
    );
    expect(merged).toStrictEqual({
      etc: { group: 'root:x:0:\nsudo:x:27:anna\nanna:x:1000:\n_ssh:x:101:\n' },
      verdicts: ['/group merged'],
    });
  });

  it.each([
    [
      "are merged by line where a number would be another name's",
      'a:x:100:\n',
      'b:x:100:\n',
      'a:x:100:\nb:x:100:\n',
    ],
    ['keep their number where the image has another', 'a:x:100:\n', 'a:x:101:\n', 'a:x:100:\n'],
    ["are the image's where nothing moves", 'a:x:100:\nb:x:101:\n', 'a:x:100:\n', 'a:x:100:\n'],
  ])('of accounts that nobody touched here: they %s', (_, base, fresh, expected) => {
    expect(merge({ group: base }, { group: base }, { group: fresh }).etc).toStrictEqual({ group: expected });
  });

  const plain = fc.letrec<{ tree: Plain; node: string | Plain }>(tie => ({
    tree: fc.dictionary(fc.constantFrom('a', 'b', 'c', 'passwd', 'hostname'), tie('node'), { maxKeys: 4 }),
    node: fc.oneof({ maxDepth: 3 }, fc.constantFrom('1', '2', '600:1', '->x'), tie('tree')),
  })).tree;

  it('gives the new image to a machine that changed nothing', () => {
    fc.assert(
      fc.property(plain, plain, (base, fresh) => {
        // What is the machine's own is never replaced.
        const clean = (tree: Plain): Plain =>
          Object.fromEntries(
            Object.entries(tree)
              .filter(([name]) => name !== 'hostname')
              .map(([name, node]) => [name, typeof node === 'string' ? node : clean(node)]),
          );
        expect(merge(clean(base), clean(base), clean(fresh)).etc).toStrictEqual(
          plainOf(treeOf(clean(fresh))),
        );
      }),
    );
  });

  it('leaves the machine as it is under the same image, and says nothing new the second time', () => {
    fc.assert(
      fc.property(plain, plain, plain, (base, mine, fresh) => {
        const same = merge(base, mine, base).etc;
        expect(merge(base, same, base).etc).toStrictEqual(same);
        const once = merge(base, mine, fresh).etc;
        expect(merge(fresh, once, fresh).etc).toStrictEqual(once);
      }),
    );
  });
});

describe('accounts', () => {
  const groups = { lists: [3], keepIds: true };
  it.each([
    ['a:x:1:', 'a:x:1:u,v', 'a:x:1:w', 'a:x:1:u,v,w\n'],
    ['a:x:1:u', 'a:x:1:u,v', 'a:x:1:', 'a:x:1:v\n'],
    ['a:x:1:', '# note\na:x:7:\n\nbroken', 'a:x:2:', '# note\na:x:7:\n\nbroken\n'],
    ['', 'a:x:1:', 'a:x:2:\nb:x:3:', 'a:x:1:\nb:x:3:\n'],
    ['a:x:1:', '', 'a:x:1:', ''],
    // Behind `+` nothing is found.
    ['', 'a:x:1:\n+:::', 'b:x:2:', 'a:x:1:\nb:x:2:\n+:::\n'],
    ['', 'a:x:1:\n-c:::\n+@net:::\nd:x:4:\n+', 'b:x:2:', 'a:x:1:\nb:x:2:\n-c:::\n+@net:::\nd:x:4:\n+\n'],
    ['b:x:2:', 'a:x:1:\n+:::\nb:x:2:\nm:x:9:', 'b:x:2:u', 'a:x:1:\nb:x:2:u\n+:::\nm:x:9:\n'],
  ])('%j, %j and %j make %j', (base, mine, fresh, expected) => {
    expect(mergeAccounts({ base, mine, fresh }, groups)).toBe(expected);
  });

  it('take a new shell, and keep a changed one', () => {
    const line = (shell: string) => `a:x:1:1::/home/a:${shell}\n`;
    const options = { lists: [], keepIds: true };
    const merged = (mine: string) =>
      mergeAccounts({ base: line('/bin/sh'), mine: line(mine), fresh: line('/bin/bash') }, options);
    expect(merged('/bin/sh')).toBe(line('/bin/bash'));
    expect(merged('/bin/zsh')).toBe(line('/bin/zsh'));
  });

  it('never lose a line of the machine, whatever is in it', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', ':', ',', '\n', '#') });
    fc.assert(
      fc.property(text, text, text, (base, mine, fresh) => {
        const merged = mergeAccounts({ base, mine, fresh }, groups).split('\n');
        const names = (one: string) => one.split('\n').map(line => line.split(':')[0] ?? '');
        for (const name of names(mine))
          if (name !== '') expect(merged.map(line => line.split(':')[0])).toContain(name);
      }),
    );
  });
});

it('the drift is what differs, with what of it', () => {
  const base = treeOf({ a: '1', b: '1', d: { e: '1' } });
  const mine = treeOf({ a: '600:2', c: '3', d: '->x' });
  const drift = etcDrift({ base, mine, closed: new Set() }, CONTENT.digestOf);
  expect(drift.closed).toStrictEqual([]);
  expect(drift.changes).toStrictEqual([
    { path: '/a', change: 'changed', what: ['content', 'mode'] },
    { path: '/b', change: 'removed', what: [] },
    { path: '/c', change: 'added', what: [] },
    { path: '/d', change: 'changed', what: ['type'] },
    { path: '/d/e', change: 'removed', what: [] },
  ]);
  expect((base.entries.get('a' as ByteString) as Node).kind).toBe('file');
});
