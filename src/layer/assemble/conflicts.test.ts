import { describe, expect, it } from 'vitest';
import { directory, memoryImage, memoryTree, readInline } from '../../../tests/support/memory-package.ts';
import { AptLayerError } from '../../errors/index.ts';
import { fromText } from '../../formats/bytes/index.ts';
import { lookup, type Tree } from '../../formats/tree/index.ts';
import { type ConflictResolution, DPKG_POLICIES, type FilePolicies } from '../metadata-policy/index.ts';
import { readDpkgDatabase } from './dpkg-database.ts';
import { mergePackages } from './merge.ts';
import { describePackage } from './package.ts';
import { dpkgRecords } from './records.ts';
import { planUnpack } from './unpack-conflicts.ts';

const memoryPackage = (...[name, one]: Parameters<typeof memoryImage>) =>
  describePackage(memoryImage(name, one));
const policies = (
  conflictResolution: ConflictResolution | undefined,
  more: Partial<FilePolicies> = {},
): FilePolicies => ({
  ...DPKG_POLICIES,
  all: { preservePermissions: true, conflictResolution },
  ...more,
});
const merge = (base: Tree, packages: ReturnType<typeof memoryPackage>[], chosen: FilePolicies) =>
  mergePackages(base, packages, readDpkgDatabase(base, readInline), { policies: chosen });
const textAt = (tree: Tree, path: string) => {
  const node = lookup(tree, fromText(path));
  return node?.kind === 'file' ? readInline(node).toString() : node?.kind;
};
const status = (name: string) =>
  `Package: ${name}\nStatus: install ok installed\nArchitecture: all\nVersion: 1.0\n\n`;
/** A base whose package `old` has /usr/x, and a file that nobody owns. */
const makeBase = () =>
  memoryTree({
    '/usr/x': 'old',
    '/usr/kept': 'old',
    '/usr/nobody': 'made by hand',
    '/srv': directory({ mode: 0o700, uid: 7 }),
    '/var/lib/dpkg/status': status('old'),
    '/var/lib/dpkg/info/old.list': '/.\n/usr\n/usr/x\n/usr/kept\n',
  });
const records = (base: Tree, packages: ReturnType<typeof memoryPackage>[], chosen: FilePolicies) => {
  const database = readDpkgDatabase(base, readInline);
  const { tree, dropped } = mergePackages(base, packages, database, { policies: chosen });
  return dpkgRecords(tree, packages, {
    database,
    dropped,
    automatic: new Set(),
    nativeArchitecture: 'amd64',
    mtime: 0,
    read: readInline,
    put: bytes => bytes.toString('hex'),
  });
};

const fresh = () => memoryPackage('fresh', { files: { '/usr/x': 'fresh', '/usr/own': 'y' } });

describe('a file of a package of the base', () => {
  it('is refused by dpkg’s rules, naming both', () => {
    expect(() => merge(makeBase(), [fresh()], policies(undefined))).toThrow(
      'fresh (1.0) would overwrite /usr/x of old (1.0)',
    );
  });

  it('is refused by a policy to fail, with what differs', () => {
    expect(() => merge(makeBase(), [fresh()], policies('fail'))).toThrow(
      '/usr/x of fresh (1.0) differs in content from that of old (1.0)',
    );
  });

  it.each([
    ['keep-latest', 'fresh', '/.\n/usr\n/usr/kept\n', '/.\n/usr\n/usr/x\n/usr/own\n'],
    ['keep-base', 'old', '/.\n/usr\n/usr/x\n/usr/kept\n', '/.\n/usr\n/usr/own\n'],
  ] as const)('with %s is that of %s, and only in its list', (chosen, winner, old, incoming) => {
    const { tree, settled } = merge(makeBase(), [fresh()], policies(chosen));
    expect(textAt(tree, '/usr/x')).toBe(winner);
    expect(settled).toMatchObject([{ path: '/usr/x', winner: `${winner} (1.0)`, differs: ['content'] }]);
    const recorded = records(makeBase(), [fresh()], policies(chosen));
    expect(textAt(recorded, '/var/lib/dpkg/info/old.list')).toBe(old);
    expect(textAt(recorded, '/var/lib/dpkg/info/fresh.list')).toBe(incoming);
  });

  it('goes by the policy of the package itself', () => {
    const own = new Map([['fresh', { conflictResolution: 'keep-base' as const }]]);
    const { tree } = merge(makeBase(), [fresh()], policies('fail', { packages: own }));
    expect(textAt(tree, '/usr/x')).toBe('old');
  });

  it('is refused as a directory or a configuration file, whatever the policy', () => {
    const conffile = memoryPackage('c', { files: { '/usr/x': 'c' }, control: { conffiles: '/usr/x\n' } });
    const over = memoryPackage('over', { files: { '/usr/x/below': 'c' } });
    const chosen = policies('keep-base');
    for (const one of [conffile, over])
      expect(() => merge(makeBase(), [one], chosen)).toThrow(/would overwrite \/usr\/x of old/);
  });
});

describe('two packages of one build', () => {
  const [a, b] = ['a', 'b'].map(name => memoryPackage(name, { files: { '/usr/both': name } })) as [
    ReturnType<typeof memoryPackage>,
    ReturnType<typeof memoryPackage>,
  ];
  it.each([
    ['keep-latest', ['a', 'b'], 'b'],
    ['keep-latest', ['b', 'a'], 'a'],
    ['keep-latest', ['a'], 'a'],
    ['keep-base', ['a', 'b'], 'a'],
    ['keep-base', ['b', 'a'], 'b'],
  ] as const)('%s with layers %j: %s', (chosen, order, winner) => {
    for (const packages of [
      [a, b],
      [b, a],
    ]) {
      const { tree, dropped } = merge(directory(), packages, policies(chosen, { order }));
      expect(textAt(tree, '/usr/both')).toBe(winner);
      expect(dropped).toEqual(new Map([[winner === 'a' ? 'b' : 'a', new Set(['/usr/both'])]]));
    }
  });
});

describe('a file that nobody owns', () => {
  const taker = (text: string) => memoryPackage('taker', { files: { '/usr/nobody': text } });
  it.each([
    [undefined, 'packed', 0],
    ['keep-latest', 'packed', 1],
    ['keep-base', 'made by hand', 1],
  ] as const)('with %s is %j', (chosen, text, count) => {
    const { tree, settled } = merge(makeBase(), [taker('packed')], policies(chosen));
    expect(textAt(tree, '/usr/nobody')).toBe(text);
    expect(settled).toHaveLength(count);
  });

  it('fails only where it differs', () => {
    expect(() => merge(makeBase(), [taker('packed')], policies('fail'))).toThrow(
      '/usr/nobody of taker (1.0) differs in content from that of the base',
    );
    expect(merge(makeBase(), [taker('made by hand')], policies('fail')).settled).toEqual([]);
  });

  it('is not kept where a package needs a directory', () => {
    const one = memoryPackage('one', { files: { '/usr/nobody/below': 'x' } });
    expect(() => merge(makeBase(), [one], policies('keep-base'))).toThrow('is a directory in one');
  });
});

describe('a directory with another owner or mode', () => {
  const one = () => memoryPackage('one', { files: { '/srv': directory({ mode: 0o755 }) } });
  it.each([
    [undefined, 0o700, 7],
    ['keep-base', 0o700, 7],
    ['keep-latest', 0o755, 0],
  ] as const)('with %s', (chosen, mode, uid) => {
    const { tree } = merge(makeBase(), [one()], policies(chosen));
    expect(lookup(tree, fromText('/srv'))).toMatchObject({ mode, uid });
  });

  it('fails, or is overridden by the administrator', () => {
    expect(() => merge(makeBase(), [one()], policies('fail'))).toThrow(
      '/srv of one (1.0) differs in mode, owner from that of the base',
    );
    const base = memoryTree({
      '/srv': directory({ mode: 0o700 }),
      '/etc/passwd': 'root:x:0:0\n',
      '/etc/group': 'root:x:0:\n',
      '/var/lib/dpkg/statoverride': 'root root 0700 /srv\n',
    });
    expect(lookup(merge(base, [one()], policies('keep-latest')).tree, fromText('/srv'))).toMatchObject({
      mode: 0o700,
    });
  });
});

describe('planUnpack', () => {
  const plan = (packages: ReturnType<typeof memoryPackage>[], chosen: FilePolicies) => {
    const base = makeBase();
    return planUnpack(base, packages, readDpkgDatabase(base, readInline), chosen);
  };

  it('leaves all to dpkg without a policy', () => {
    expect(plan([fresh()], policies(undefined))).toMatchObject({ overwrite: false, settled: [] });
  });

  it('overwrites only what a policy settles', () => {
    expect(plan([fresh()], policies('keep-latest'))).toMatchObject({
      overwrite: true,
      settled: [{ path: '/usr/x', winner: 'fresh (1.0)', loser: 'old (1.0)' }],
    });
    const only = new Map([['other', { conflictResolution: 'keep-latest' as const }]]);
    expect(() => plan([fresh()], policies(undefined, { packages: only }))).toThrow('neither replaces');
    expect(() => plan([fresh()], policies('keep-base'))).toThrow('dpkg cannot keep the old one');
    expect(() => plan([fresh()], policies('fail'))).toThrow(AptLayerError);
  });

  it('knows what replaces what, and a package’s own files', () => {
    const replacing = memoryPackage('r', { fields: { Replaces: 'old' }, files: { '/usr/x': 'r' } });
    const newer = memoryPackage('old', { fields: { Version: '2' }, files: { '/usr/x': 'newer' } });
    for (const one of [replacing, newer])
      expect(plan([one], policies('fail'))).toMatchObject({ overwrite: false, settled: [] });
  });

  it('puts back what nobody owned, and gives directories to the later one', () => {
    const one = memoryPackage('one', {
      files: { '/usr/nobody': 'packed', '/srv': directory({ mode: 0o755 }) },
    });
    const after = memoryTree({ '/usr/nobody': 'packed', '/srv': directory({ mode: 0o700, uid: 7 }) });
    const kept = plan([one], policies('keep-base')).mend(after);
    expect(textAt(kept, '/usr/nobody')).toBe('made by hand');
    expect(lookup(kept, fromText('/srv'))).toMatchObject({ mode: 0o700 });
    const latest = plan([one], policies('keep-latest')).mend(after);
    expect(textAt(latest, '/usr/nobody')).toBe('packed');
    expect(lookup(latest, fromText('/srv'))).toMatchObject({ mode: 0o755, uid: 0 });
  });

  it('gives dpkg the packages in the order of layers', () => {
    const [a, b] = [memoryPackage('a', {}), memoryPackage('b', {})];
    expect(plan([a, b], policies('keep-latest', { order: ['b', 'a'] })).packages).toEqual([b, a]);
  });
});
