import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memoryImage, memoryTree, readInline } from '../../../tests/support/memory-package.ts';
import { AptLayerError, FormatError } from '../../errors/index.ts';
import { type ByteString, fromBuffer, fromText } from '../../formats/bytes/index.ts';
import { parseAccounts } from './accounts.ts';
import { parseDiversions } from './diversions.ts';
import { readDpkgDatabase } from './dpkg-database.ts';
import { parseFileTriggers } from './file-triggers.ts';
import { isConfigured, isPresent, parseStatus } from './installed.ts';
import { describePackage } from './package.ts';
import { parsePackageConffiles } from './shipped-conffiles.ts';
import { parseStatOverrides } from './stat-overrides.ts';
import { parseTriggers } from './trigger-directives.ts';

const memoryPackage = (...[name, one]: Parameters<typeof memoryImage>) =>
  describePackage(memoryImage(name, one));

const NONE = new Map<string, number>();
const PARSERS: Record<string, (text: ByteString) => unknown> = {
  diversions: parseDiversions,
  conffiles: text => parsePackageConffiles(text, 'p'),
  triggers: text => parseTriggers(text, 'p'),
  statoverride: text => parseStatOverrides(text, NONE, NONE),
  'triggers/File': parseFileTriggers,
  passwd: parseAccounts,
  status: text => parseStatus(Buffer.from(text, 'latin1')),
};

describe('what is not as it should be', () => {
  it.each([
    ['diversions', '/a\n/b\n', 'line 1'],
    ['diversions', '/a\n/b\nx\na\n/b\nx\n', 'line 4'],
    ['diversions', '/a\n/../../b\nx\n', 'line 1'],
    ['conffiles', '/etc/a\nremove-never /etc/b\n', 'line 2'],
    ['conffiles', 'etc/a\n', 'line 1'],
    ['conffiles', '/etc/../../a\n', 'line 1'],
    ['triggers', 'interest\n', 'line 1'],
    ['triggers', '\nactivate-never x\n', 'line 2'],
    ['triggers', 'interest ../../etc/passwd\n', 'line 1'],
    ['triggers', 'interest Unincorp\n', 'line 1'],
    ['triggers', 'interest /a/../b\n', 'line 1'],
    ['statoverride', 'root root 4755\n', 'line 1'],
    ['statoverride', '#1 #1 9999 /x\n', 'line 1'],
    ['status', 'Package: a\n', 'line 1'],
  ])('%s: %j', (name, text, position) => {
    expect(() => PARSERS[name]?.(fromText(text))).toThrow(FormatError);
    expect(() => PARSERS[name]?.(fromText(text))).toThrow(position);
  });

  it.each(Object.keys(PARSERS))('%s: any bytes are read or refused', name => {
    const line = fc.oneof(
      fc.constantFrom('/a', 'interest x', ':', ' ', 'Package: a', 'root root 755 /x'),
      fc.string(),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.array(line).map(lines => Buffer.from(lines.join('\n'))),
        ),
        bytes => {
          try {
            PARSERS[name]?.(fromBuffer(Buffer.from(bytes)));
          } catch (error) {
            expect(error).toBeInstanceOf(FormatError);
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  it.each([
    ['a name that is a path', { Package: '../../etc' }],
    ['no version', { Version: '' }],
    ['a version that is none', { Version: 'one' }],
    ['an architecture that is a path', { Architecture: 'a/b' }],
    ['a relation without an end', { Depends: 'a (>= ' }],
  ])('a control file with %s', (_, fields) => {
    expect(() => memoryPackage('p', { fields })).toThrow(AptLayerError);
  });

  it('an info format that is not known', () => {
    const tree = memoryTree({ '/var/lib/dpkg/info/format': '2\n' });
    expect(() => readDpkgDatabase(tree, readInline)).toThrow('info format 2');
  });
});

describe('readDpkgDatabase', () => {
  it('reads what there is', () => {
    const tree = memoryTree({
      '/var/lib/dpkg/status': [
        'Package: aa\nStatus: hold ok triggers-pending\nArchitecture: amd64\nMulti-Arch: same\nVersion: 1\n',
        'Package: bb\nStatus: deinstall ok config-files\nArchitecture: all\nVersion: 2\nEssential: yes\n',
        'Package: cc\nStatus: install ok unpacked\nArchitecture: all\nVersion: 3\n',
      ].join('\n'),
      '/var/lib/dpkg/info/aa:amd64.list': '/.\n/usr\n/usr/x\n',
      '/var/lib/dpkg/info/cc.list': '/.\n/usr\n',
      '/var/lib/dpkg/diversions': '/a\n/b\n:\n/c\n/d\naa\n',
      '/var/lib/dpkg/statoverride': 'man #9 4755 /with blank\nnobody root 755 /unknown\n',
      '/var/lib/dpkg/triggers/File': '/usr aa:amd64\n/with blank aa:amd64/noawait\n/usr cc/noawait\n',
      '/etc/passwd': 'man:x:6:12::/:\n',
    });
    const database = readDpkgDatabase(tree, readInline);
    const all = [...database.packages.values()].flat();
    expect(all.map(one => [one.infoName, one.want, isPresent(one), isConfigured(one)])).toEqual([
      ['aa:amd64', 'hold', true, true],
      ['bb', 'deinstall', false, false],
      ['cc', 'install', true, false],
    ]);
    expect(database.owners(fromText('/usr')).map(({ name }) => name)).toEqual(['aa', 'cc']);
    expect(database.owners(fromText('/usr/x')).map(({ name }) => name)).toEqual(['aa']);
    expect(database.owners(fromText('/none'))).toEqual([]);
    expect(database.diversions).toEqual([
      { from: '/a', to: '/b', owner: undefined },
      { from: '/c', to: '/d', owner: 'aa' },
    ]);
    expect(database.overrides).toEqual(new Map([['/with blank', { uid: 6, gid: 9, mode: 0o4755 }]]));
    expect(database.fileTriggers.get(fromText('/usr'))).toEqual([
      { package: 'aa:amd64', awaited: true },
      { package: 'cc', awaited: false },
    ]);
  });

  it('reads a tree without a database as one without packages', () => {
    const database = readDpkgDatabase(memoryTree({}), readInline);
    expect(database).toMatchObject({ directory: '/var/lib/dpkg', packages: new Map(), diversions: [] });
    expect(database.owners(fromText('/'))).toEqual([]);
  });
});
