import { describe, expect, it } from 'vitest';
import { type ByteString, fromText } from '../bytes/index.ts';
import { type DiffOptions, diffNodes } from './diff.ts';
import { linkGroups } from './links.ts';
import type { Directory, Metadata, Node, RegularFile } from './model.ts';

const meta = (): Metadata => ({ mode: 0o644, uid: 0, gid: 0, mtime: 1, mtimeNsec: 0, xattrs: undefined });

function file(text: string, change: Partial<RegularFile> = {}): RegularFile {
  const bytes = Buffer.from(text);
  return {
    ...meta(),
    kind: 'file',
    size: bytes.length,
    content: { kind: 'inline', bytes },
    nlink: 1,
    ...change,
  };
}

function object(digest: string): RegularFile {
  return { ...file('x'.repeat(100)), content: { kind: 'object', digest } };
}

function directory(entries: Record<string, Node>, change: Partial<Metadata> = {}): Directory {
  const map = new Map(Object.entries(entries).map(([name, node]) => [fromText(name), node]));
  return { ...meta(), mode: 0o755, kind: 'directory', entries: map, ...change };
}

function link(target: string): Node {
  return { ...meta(), kind: 'symlink', target: fromText(target), nlink: 1 };
}

function device(rdev: number): Node {
  return { ...meta(), kind: 'character', rdev, nlink: 1 };
}

function diff(before: Node, after: Node, options?: DiffOptions): string[] {
  return [...diffNodes(before, after, options)].map(one =>
    one.change === 'changed' ? `${one.path} ${one.aspects.join(' ')}` : `${one.change} ${one.path}`,
  );
}

const xattrs = (value: string) => new Map([['user.a' as ByteString, value as ByteString]]);

describe('diffNodes', () => {
  const cases: readonly [string, Node, Node, string[]][] = [
    ['the same content', file('a'), file('a'), []],
    ['the same object', object('aa'), object('aa'), []],
    ['another content of the same size', file('a'), file('b'), ['/x content']],
    ['another object', object('aa'), object('bb'), ['/x content']],
    ['a mode', file('a'), file('a', { mode: 0o755 }), ['/x mode']],
    ['a group and a content', file('a'), file('b', { gid: 5 }), ['/x content owner']],
    ['an xattr', file('a', { xattrs: xattrs('1') }), file('a', { xattrs: xattrs('2') }), ['/x xattrs']],
    ['an xattr that goes', file('a', { xattrs: xattrs('1') }), file('a'), ['/x xattrs']],
    ['an empty set of xattrs', file('a', { xattrs: new Map() }), file('a'), []],
    ['a target', link('a'), link('b'), ['/x target']],
    ['a device', device(1), device(2), ['/x device']],
    ['a time', file('a'), file('a', { mtime: 2 }), []],
    ['a type', link('a'), device(1), ['/x type']],
    ['a directory for a file', file('a'), directory({ y: file('b') }), ['/x type mode', 'added /x/y']],
    ['a file for a directory', directory({ y: file('b') }), file('a'), ['/x type mode', 'removed /x/y']],
  ];
  it.each(cases)('says of %s what differs', (_, before, after, expected) => {
    expect(diff(directory({ x: before }), directory({ x: after }))).toStrictEqual(expected);
  });

  it('lists whole directories that come and go, in byte order', () => {
    const before = directory({ b: directory({ 2: file(''), 1: file('') }), same: file('') });
    const after = directory({ a: directory({ d: directory({}) }), same: file('') });
    expect(diff(before, after)).toStrictEqual([
      'added /a',
      'added /a/d',
      'removed /b',
      'removed /b/1',
      'removed /b/2',
    ]);
  });

  it('compares times when asked to, exact ones and large ones alike', () => {
    const before = directory({ x: file('a', { mtime: 1n }), y: file('a') });
    const after = directory({ x: file('a', { mtime: 1 }), y: file('a', { mtimeNsec: 1 }) });
    expect(diff(before, after, { times: true })).toStrictEqual(['/y mtime']);
  });

  it('compares which names share an inode when it is told which do', () => {
    const twice = (...names: string[]) => {
      const one = file('a', { nlink: 2 });
      return directory(
        Object.fromEntries(['x', 'y', 'z'].map(name => [name, names.includes(name) ? one : file('a')])),
      );
    };
    const [before, after] = [twice('x', 'y'), twice('y', 'z')];
    const links = { before: linkGroups(before), after: linkGroups(after) };
    expect(diff(before, after, { links })).toStrictEqual(['/x links', '/y links', '/z links']);
    expect(diff(before, after)).toStrictEqual([]);
    const same = twice('x', 'y');
    expect(diff(before, same, { links: { before: links.before, after: linkGroups(same) } })).toStrictEqual(
      [],
    );
  });

  it('reports paths from where it is told to be', () => {
    expect(diff(directory({ x: file('a') }), directory({}), { path: fromText('/etc') })).toStrictEqual([
      'removed /etc/x',
    ]);
  });

  it('goes deeper than the stack', () => {
    let before = directory({ end: file('a') });
    let after = directory({ end: file('b') });
    for (let depth = 0; depth < 3000; depth++) {
      before = directory({ d: before });
      after = directory({ d: after });
    }
    expect(diff(before, after)).toHaveLength(1);
  });
});
