import { describe, expect, it } from 'vitest';
import { directory, file, memoryTree, PLAIN } from '../../tests/support/memory-package.ts';
import type { ByteString } from '../formats/bytes/index.ts';
import { diffNodes, linkGroups, type Node, type Tree } from '../formats/tree/index.ts';
import { changeText, differenceJson } from './diff-changes.ts';

const xattrs = (entries: Record<string, string>) =>
  new Map(Object.entries(entries) as [ByteString, ByteString][]);
const compare = (before: Tree, after: Tree) => {
  const links = { before: linkGroups(before), after: linkGroups(after) };
  return { links, differences: [...diffNodes(before, after, { links, times: true })] };
};

describe('changeText', () => {
  const cases: readonly [Node, Node, string][] = [
    [file('a'), file('b'), 'content'],
    [file('a'), file('a', { mode: 0o4755, uid: 1, gid: 2 }), 'mode 0644 -> 4755, owner 0:0 -> 1:2'],
    [
      file('a', { xattrs: xattrs({ 'user.x': '1', 'user.old': '1' }) }),
      file('a', { xattrs: xattrs({ 'user.x': '2', 'security.capability': '\x01' }) }),
      '+security.capability, -user.old, user.x',
    ],
    [file('a', { mtime: 5 }), file('a', { mtime: 5, mtimeNsec: 7 }), 'mtime @5 -> @5.000000007'],
    [directory({ mode: 0o755 }), directory({ mode: 0o1777 }), 'mode 0755 -> 1777'],
    [
      { ...PLAIN, kind: 'symlink', target: 'a' as ByteString, nlink: 1 },
      { ...PLAIN, kind: 'symlink', target: 'b' as ByteString, nlink: 1 },
      'target a -> b',
    ],
    [file('a', { mode: 0o755 }), { ...PLAIN, kind: 'fifo', rdev: 0, nlink: 1 }, 'type file -> fifo'],
    [
      { ...PLAIN, kind: 'character', rdev: 1, nlink: 1 },
      { ...PLAIN, kind: 'character', rdev: 2, nlink: 1 },
      'device',
    ],
  ];
  it.each(cases)('%# %j', (before, after, expected) => {
    const { differences } = compare(memoryTree({ '/x': before }), memoryTree({ '/x': after }));
    const [one] = differences;
    expect(one?.change === 'changed' ? changeText(one) : one).toBe(expected);
  });
});

it('differenceJson has each property as a field', () => {
  const twin = { ...file('a', { xattrs: xattrs({ 'user.x': '1' }), mode: 0o600 }), nlink: 2 };
  const { differences, links } = compare(
    memoryTree({ '/a': 'a', '/b': file('a', { mtime: 2n }) }),
    memoryTree({ '/a': twin, '/b': twin }),
  );
  const plain = { type: 'file', mtimeNsec: 0, size: 1, uid: 0, gid: 0 };
  expect(differences.map(one => differenceJson(one, links))).toEqual([
    {
      path: '/a',
      change: 'changed',
      aspects: ['mode', 'xattrs', 'links'],
      before: { ...plain, mode: '0644', mtime: 100, xattrs: {}, links: [] },
      after: { ...plain, mode: '0600', mtime: 100, xattrs: { 'user.x': '1' }, links: ['/b'] },
    },
    {
      path: '/b',
      change: 'changed',
      aspects: ['mode', 'xattrs', 'links', 'mtime'],
      before: { ...plain, mode: '0644', mtime: '2', xattrs: {}, links: [] },
      after: { ...plain, mode: '0600', mtime: 100, xattrs: { 'user.x': '1' }, links: ['/a'] },
    },
  ]);
});
