import { describe, expect, it } from 'vitest';
import { directory, file, memoryImage, PLAIN } from '../../../tests/support/memory-package.ts';
import { type ByteString, fromText } from '../../formats/bytes/index.ts';
import { lookup, type Node, walk } from '../../formats/tree/index.ts';
import { withPlainPermissions } from './plain-permissions.ts';

const capability = new Map([['security.capability' as ByteString, '\x01' as ByteString]]);

describe('withPlainPermissions', () => {
  const cases: readonly [string, Node, number, boolean][] = [
    ['a plain file', file('x'), 0o644, false],
    ['a secret file', file('x', { mode: 0o600 }), 0o644, true],
    ['a setuid program', file('x', { mode: 0o4755 }), 0o755, true],
    ['a program of its group', file('x', { mode: 0o2710, gid: 5 }), 0o755, true],
    ['what only others may execute', file('x', { mode: 0o641 }), 0o755, true],
    ['a program with a capability', file('x', { mode: 0o755, xattrs: capability }), 0o755, true],
    ['a sticky directory', directory({ mode: 0o1777 }), 0o755, true],
    ['a private directory', directory({ mode: 0o700, uid: 7 }), 0o755, true],
    ['a pipe', { ...PLAIN, mode: 0o622, kind: 'fifo', rdev: 0, nlink: 1 }, 0o644, true],
  ];
  it.each(cases)('%s', (_, node, mode, changed) => {
    const { image, changes } = withPlainPermissions(memoryImage('p', { files: { '/d/x': node } }));
    expect(lookup(image.data, fromText('/d/x'))).toMatchObject({ mode, uid: 0, gid: 0, xattrs: undefined });
    expect(changes.map(one => one.path)).toEqual(changed ? ['/d/x'] : []);
  });

  it('says what was and what is, owners by name', () => {
    const { image, changes } = withPlainPermissions(
      memoryImage('p', {
        files: { '/x': file('x', { mode: 0o4750, uid: 1, gid: 2, xattrs: capability }) },
        owners: { '/x': { group: 'mail' } },
      }),
    );
    expect(changes).toEqual([
      {
        path: '/x',
        before: { user: 1, group: 'mail', mode: 0o4750, xattrs: ['security.capability'] },
        after: { user: 0, group: 0, mode: 0o755, xattrs: [] },
      },
    ]);
    expect(image.entries).toEqual([{ path: '' }, { path: '/x' }]);
  });

  it('leaves links alone, keeps hard links, and changes nothing that was given', () => {
    const make = () =>
      memoryImage('p', {
        files: { '/a': file('x', { mode: 0o4755 }), '/b': { hardlink: '/a' }, '/l': { link: 'a' } },
      });
    const given = make();
    const { image } = withPlainPermissions(given);
    expect(lookup(image.data, fromText('/a'))).toBe(lookup(image.data, fromText('/b')));
    expect(lookup(image.data, fromText('/l'))).toEqual(lookup(given.data, fromText('/l')));
    expect(given).toEqual(make());
  });

  it('gives back what is plain already', () => {
    const given = memoryImage('p', { files: { '/usr/bin/x': file('x', { mode: 0o755 }) } });
    expect(withPlainPermissions(given).image).toBe(given);
  });

  it('is idempotent', () => {
    const given = memoryImage('p', { files: { '/usr/x': file('x', { mode: 0o7777, uid: 3 }) } });
    const once = withPlainPermissions(given).image;
    expect(withPlainPermissions(once).changes).toEqual([]);
    expect([...walk(once.data)].map(({ node }) => node.uid)).toEqual([0, 0, 0]);
  });
});
