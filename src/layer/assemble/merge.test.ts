import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  directory,
  file,
  memoryImage,
  memoryTree,
  PLAIN,
  readInline,
} from '../../../tests/support/memory-package.ts';
import { fromText, toText } from '../../formats/bytes/index.ts';
import { diffNodes, lookup, type Node, type Tree } from '../../formats/tree/index.ts';
import { readDpkgDatabase } from './dpkg-database.ts';
import { mergePackages } from './merge.ts';
import { type AssemblyPackage, describePackage } from './package.ts';

const memoryPackage = (...[name, one]: Parameters<typeof memoryImage>) =>
  describePackage(memoryImage(name, one));

const merge = (base: Tree, ...packages: AssemblyPackage[]) =>
  mergePackages(base, packages, readDpkgDatabase(base, readInline));
const at = (tree: Tree, path: string): Node | undefined => lookup(tree, fromText(path));
const textAt = (tree: Tree, path: string): string | undefined => {
  const node = at(tree, path);
  if (node?.kind === 'symlink') return `-> ${toText(node.target)}`;
  return node?.kind === 'file' ? readInline(node).toString() : node?.kind;
};

describe('mergePackages', () => {
  it('changes neither the base nor a package, and shares what it can', () => {
    const makeBase = () => memoryTree({ '/usr/bin/old': 'x', '/etc/kept/file': 'x' });
    const base = makeBase();
    const [a, b] = [
      memoryPackage('a', { files: { '/usr/share/a/one': '1' } }),
      memoryPackage('b', { files: { '/usr/share/a/two': '2' } }),
    ];
    const { tree } = merge(base, a, b);
    expect(textAt(tree, '/usr/share/a/two')).toBe('2');
    expect(at(tree, '/etc')).toBe(at(base, '/etc'));
    expect(at(tree, '/usr/share/a/one')).toBe(at(a.image.data, '/usr/share/a/one'));
    expect(base).toEqual(makeBase());
    expect(a.image.data).toEqual(memoryTree({ '/usr/share/a/one': '1' }));
  });

  it('gives a directory the metadata of the first and the latest time of all', () => {
    const base = memoryTree({ '/d': directory({ mode: 0o700, uid: 7, mtime: 50 }) });
    const packed = (mtime: number) => directory({ mode: 0o755, mtime });
    const older = memoryPackage('older', { files: { '/d': packed(20), '/n': packed(20) } });
    const newer = memoryPackage('newer', { files: { '/d': packed(90), '/n': packed(90) } });
    for (const order of [
      [older, newer],
      [newer, older],
    ]) {
      const { tree } = merge(base, ...order);
      expect(at(tree, '/d')).toMatchObject({ mode: 0o700, uid: 7, mtime: 90 });
      expect(at(tree, '/n')).toMatchObject({ mode: 0o755, mtime: 90 });
    }
  });

  it('keeps hard links, with one owner and mode for all names', () => {
    const base = memoryTree({
      '/var/lib/dpkg/statoverride': 'root root 4711 /b\n',
      '/etc/passwd': 'root:x:0:\n',
      '/etc/group': 'root:x:0:\n',
    });
    const { tree } = merge(base, memoryPackage('p', { files: { '/a': 'x', '/b': { hardlink: '/a' } } }));
    expect(at(tree, '/a')).toBe(at(tree, '/b'));
    expect(at(tree, '/a')).toMatchObject({ mode: 0o4711 });
  });

  it.each([
    ['a user and group of the system', { user: 'man', group: 'mail' }, { uid: 6, gid: 8 }],
    ['only a group', { group: 'mail' }, { uid: 1, gid: 8 }],
    ['names it does not have: the numbers', { user: 'nobody', group: 'none' }, { uid: 1, gid: 2 }],
  ])('resolves owners: %s', (_, owner, expected) => {
    const base = memoryTree({ '/etc/passwd': 'man:x:6:12::/:\nbad:x:y:\n', '/etc/group': 'mail:x:8:\n' });
    const files = {
      '/d': directory({ uid: 1, gid: 2, mode: 0o2755 }),
      '/d/f': file('x', { uid: 1, gid: 2 }),
    };
    const { tree } = merge(base, memoryPackage('p', { files, owners: { '/d': owner, '/d/f': owner } }));
    expect(at(tree, '/d')).toMatchObject({ ...expected, mode: 0o2755 });
    expect(at(tree, '/d/f')).toMatchObject(expected);
  });

  it('reports a file that another spelling of its path hides from dpkg', () => {
    const base = memoryTree({ '/usr/bin/x': 'base', '/bin': { link: 'usr/bin' } });
    const first = memoryPackage('first', { files: { '/usr/bin/tool': '1' } });
    const second = memoryPackage('second', { files: { '/bin/tool': '2' } });
    const { tree, overwritten } = merge(base, first, second);
    expect(textAt(tree, '/usr/bin/tool')).toBe('2');
    expect(overwritten).toEqual([{ path: '/usr/bin/tool', by: 'second', of: 'first' }]);
    expect(merge(base, second).overwritten).toEqual([]);
  });

  it('tells which paths a package lost to one that replaces it', () => {
    const old = memoryPackage('old', { files: { '/usr/a': 'old', '/usr/b': 'old' } });
    const fresh = memoryPackage('fresh', {
      fields: { Replaces: 'old (<< 2)' },
      files: { '/usr/a': 'fresh' },
    });
    for (const order of [
      [old, fresh],
      [fresh, old],
    ]) {
      const { tree, dropped } = merge(directory(), ...order);
      expect(textAt(tree, '/usr/a')).toBe('fresh');
      expect(dropped).toEqual(new Map([['old', new Set(['/usr/a'])]]));
    }
  });

  it('follows no link out of the tree, and none in circles', () => {
    const base = memoryTree({ '/up': { link: '../../../../d' }, '/d/x': 'x', '/round': { link: 'round' } });
    const { tree } = merge(base, memoryPackage('p', { files: { '/up/file': 'p', '/round/file': 'p' } }));
    expect(textAt(tree, '/d/file')).toBe('p');
    expect(textAt(tree, '/round/file')).toBe('p');
  });

  it('refuses a diverted directory whose own path leads nowhere', () => {
    const base = memoryTree({ '/var/lib/dpkg/diversions': '/lib32\n/.lib32.aside\nbase\n' });
    const one = memoryPackage('one', { files: { '/lib32/file': 'x' } });
    expect(() => merge(base, one)).toThrow('/lib32 of one has no directory to go to');
  });

  it('refuses a file that is to be removed on upgrade', () => {
    const files = { '/etc/x': 'x' };
    const control = { conffiles: 'remove-on-upgrade /etc/x\n' };
    expect(() => memoryPackage('one', { files, control })).toThrow(
      "conffile '/etc/x' marked for removal on upgrade, shipped in package",
    );
  });

  it('gives one tree whatever the order of packages without conflicts', () => {
    const name = fc.constantFrom('a', 'b', 'c', 'd');
    const below = fc.array(name, { minLength: 1, maxLength: 3 });
    const shape = fc.array(fc.array(fc.tuple(below, fc.integer({ min: 0, max: 9 })), { maxLength: 6 }), {
      maxLength: 5,
    });
    fc.assert(
      fc.property(shape, fc.integer(), (packages, seed) => {
        const all = packages.map((paths, index) => {
          const files = Object.fromEntries(
            paths.map(([names, mtime]) => [`/${names.join('/')}/own${index}`, file('x', { mtime })]),
          );
          return memoryPackage(`p${index}-x`, { files });
        });
        const shuffled = [...all].sort((a, b) => hash(a.name, seed) - hash(b.name, seed));
        const base = memoryTree({
          '/a': directory(),
          '/b': { link: 'a' },
          '/c/d': { ...PLAIN, kind: 'fifo', rdev: 0, nlink: 1 },
        });
        const [one, other] = [tryMerge(base, all), tryMerge(base, shuffled)];
        if (one === undefined || other === undefined) expect(one).toBe(other);
        else expect([...diffNodes(one, other)]).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  describe('what dpkg’s configuration excludes', () => {
    const excluding = (rules: string, more: Parameters<typeof memoryTree>[0] = {}) =>
      memoryTree({ '/etc/dpkg/dpkg.cfg.d/rules': rules, ...more });

    it('is left out, with what it would have been given; the rest is shared', () => {
      const base = excluding('path-exclude=/usr/share/doc/*\npath-include=/usr/share/doc/*/copyright\n');
      const p = memoryPackage('p', {
        files: {
          '/usr/share/doc/p/copyright': 'c',
          '/usr/share/doc/p/changelog': 'x',
          '/usr/lib/p/a': 'a',
        },
      });
      const { tree } = merge(base, p);
      expect(textAt(tree, '/usr/share/doc/p/copyright')).toBe('c');
      expect(at(tree, '/usr/share/doc/p/changelog')).toBeUndefined();
      expect(at(tree, '/usr/lib')).toBe(at(p.image.data, '/usr/lib'));
    });

    it('leaves alone what is there, and goes on below a directory that is', () => {
      const base = excluding('path-exclude=/d\npath-exclude=/d/mine\n', {
        '/d': directory({ mode: 0o700, mtime: 5 }),
        '/d/mine': 'mine',
      });
      const { tree } = merge(base, memoryPackage('p', { files: { '/d/mine': 'theirs', '/d/other': 'o' } }));
      expect(textAt(tree, '/d/mine')).toBe('mine');
      expect(textAt(tree, '/d/other')).toBe('o');
      expect(at(tree, '/d')).toMatchObject({ mode: 0o700, mtime: 5 });
    });

    it('is refused where dpkg refuses it', () => {
      const base = excluding('path-exclude=/x\npath-exclude=/apart\n');
      const [one, two] = ['one', 'two'].map(name => memoryPackage(name, { files: { '/x': name } }));
      expect(() => merge(base, one!, two!)).toThrow('two (1.0) would overwrite /x of one (1.0)');
      expect(() => merge(base, memoryPackage('p', { files: { '/apart/y': 'y' } }))).toThrow(
        '/apart/y of p has no directory to go to',
      );
      expect(at(merge(base, memoryPackage('p', { files: { '/apart': directory() } })).tree, '/apart')).toBe(
        undefined,
      );
    });
  });
});

const hash = (text: string, seed: number) =>
  [...text].reduce((sum, c) => (sum * 31 + c.charCodeAt(0) + seed) % 1009, 7);
const tryMerge = (base: Tree, packages: AssemblyPackage[]) => merge(base, ...packages).tree;
