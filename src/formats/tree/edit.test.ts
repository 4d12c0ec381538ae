import { describe, expect, it } from 'vitest';
import { type ByteString, fromText } from '../bytes/index.ts';
import { resolveParents, withNode } from './edit.ts';
import { lookup } from './lookup.ts';
import type { Directory, Node, Symlink } from './model.ts';

const metadata = { mode: 0o755, uid: 0, gid: 0, mtime: 1, mtimeNsec: 0, xattrs: undefined };
const dir = (entries: Record<string, Node> = {}): Directory => ({
  ...metadata,
  kind: 'directory',
  entries: new Map(Object.entries(entries) as [ByteString, Node][]),
});
const link = (target: string): Symlink => ({
  ...metadata,
  kind: 'symlink',
  target: fromText(target),
  nlink: 1,
});
const tree = () =>
  dir({
    usr: dir({ lib: dir(), bin: dir({ vi: link('vim') }) }),
    lib: link('usr/lib'),
    abs: link('/usr/bin'),
    up: link('../../..'),
    loop: link('loop'),
  });
const resolve = (path: string) => resolveParents(tree(), fromText(path)).join('/');

describe('resolveParents', () => {
  it.each([
    ['/lib/x', 'usr/lib/x'],
    ['/abs/vi', 'usr/bin/vi'],
    ['/abs/../lib/./x', 'usr/lib/x'],
    ['/up/etc/passwd', 'etc/passwd'],
    ['/../../etc/x', 'etc/x'],
    ['/new/dir/x', 'new/dir/x'],
  ])('%s is %s', (path, expected) => expect(resolve(path)).toBe(expected));

  it('refuses a loop', () => expect(() => resolve('/loop/x')).toThrow(/too many levels/));
});

describe('withNode', () => {
  it('adds, replaces and removes without touching the given tree', () => {
    const before = tree();
    const after = withNode(before, fromText('/lib/new/f'), link('t'));
    expect(lookup(after, fromText('/usr/lib/new/f'))).toMatchObject({ kind: 'symlink' });
    expect(lookup(before, fromText('/usr/lib/new'))).toBeUndefined();
    expect(lookup(after, fromText('/usr/bin'))).toBe(lookup(before, fromText('/usr/bin')));
    expect(
      lookup(withNode(after, fromText('/lib/new'), undefined), fromText('/usr/lib/new')),
    ).toBeUndefined();
    expect(withNode(before, fromText('/no/such'), undefined)).toBe(before);
  });

  it('refuses a parent that is not a directory', () => {
    const file = withNode(tree(), fromText('/dev'), { ...metadata, kind: 'fifo', rdev: 0, nlink: 1 });
    expect(() => withNode(file, fromText('/dev/x'), link('y'))).toThrow(/dev is not a directory/);
  });
});
