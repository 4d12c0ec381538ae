import { describe, expect, it } from 'vitest';
import {
  directory,
  file,
  type MemoryEntry,
  type MemoryPackage,
  memoryImage,
  memoryTree,
  readInline,
} from '../../../tests/support/memory-package.ts';
import type { ByteString } from '../../formats/bytes/index.ts';
import { describePackage, readDpkgDatabase } from '../assemble/index.ts';
import type { ValidationMode } from '../scripts/index.ts';
import { severityOf } from './severity.ts';
import { validateAssembled, validateImage } from './validate.ts';

const stanza = (name: string, version = '1.0') =>
  `Package: ${name}\nStatus: install ok installed\nVersion: ${version}\nArchitecture: all\n\n`;
type Entries = Record<string, MemoryEntry>;

interface Case {
  readonly packages?: Record<string, MemoryPackage>;
  readonly before?: Entries;
  readonly after?: Entries;
  readonly settled?: readonly string[];
}

/** One line for each finding. */
function findings({ packages = {}, before = {}, after = {}, settled = [] }: Case): string[] {
  const described = Object.entries(packages).map(([name, one]) => describePackage(memoryImage(name, one)));
  const found = validateImage(memoryTree(after), {
    before: memoryTree(before),
    packages: described,
    settled: new Set(settled as ByteString[]),
    read: readInline,
  });
  return found.map(one =>
    [one.severity, one.kind, one.path, one.package, ...one.differs, one.by && `by ${one.by}`]
      .filter(part => part !== undefined)
      .join(' '),
  );
}

const tool = (more: MemoryPackage = {}): Record<string, MemoryPackage> => ({
  tool: { files: { '/usr/bin/tool': 'packed' }, ...more },
});
const listed = (list: string, more: Entries = {}): Entries => ({
  '/var/lib/dpkg/status': stanza('tool') + stanza('other'),
  '/var/lib/dpkg/info/tool.list': list,
  ...more,
});

describe('what packages ship', () => {
  const cases: readonly [string, Case, string[]][] = [
    ['as shipped', { packages: tool(), after: { '/usr/bin/tool': 'packed' } }, []],
    ['missing', { packages: tool() }, ['error missing /usr tool']],
    [
      'another content',
      { packages: tool(), after: listed('/usr/bin/tool\n', { '/usr/bin/tool': 'hacked' }) },
      ['error changed /usr/bin/tool tool content'],
    ],
    [
      'another mode and owner',
      {
        packages: tool(),
        after: listed('/usr/bin/tool\n', { '/usr/bin/tool': file('packed', { mode: 0o755, uid: 3 }) }),
      },
      ['error changed /usr/bin/tool tool mode owner'],
    ],
    [
      'a lost capability',
      {
        packages: tool({
          files: { '/usr/x': file('x', { xattrs: new Map([['user.a' as ByteString, 'b' as ByteString]]) }) },
        }),
        after: listed('/usr/x\n', { '/usr/x': 'x' }),
      },
      ['error changed /usr/x tool xattrs'],
    ],
    [
      'its own script names the file',
      {
        packages: tool({ control: { postinst: 'chmod u+s /usr/bin/tool\n' } }),
        after: listed('/usr/bin/tool\n', { '/usr/bin/tool': file('packed', { mode: 0o4644 }) }),
      },
      ['explained changed /usr/bin/tool tool mode by tool'],
    ],
    [
      'the script of another names only the file’s last name',
      {
        packages: { ...tool(), rude: { control: { postinst: 'rm tool\n' } } },
        after: listed('/usr/bin/tool\n', { '/usr/bin/x': '' }),
        before: { '/usr/bin/x': '' },
      },
      ['error missing /usr/bin/tool tool'],
    ],
    [
      'an override',
      {
        packages: tool(),
        after: listed('/usr/bin/tool\n', {
          '/usr/bin/tool': file('packed', { mode: 0o4755 }),
          '/etc/passwd': 'root:x:0:0\n',
          '/etc/group': 'root:x:0:\n',
          '/var/lib/dpkg/statoverride': 'root root 4755 /usr/bin/tool\n',
        }),
      },
      [],
    ],
    [
      'diverted, and there',
      {
        packages: tool(),
        after: listed('/usr/bin/tool\n', {
          '/usr/bin/tool.aside': 'packed',
          '/var/lib/dpkg/diversions': '/usr/bin/tool\n/usr/bin/tool.aside\nother\n',
        }),
      },
      [],
    ],
    [
      'diverted, and not there',
      {
        packages: tool(),
        after: listed('/usr/bin/tool\n', {
          '/usr/bin/tool': 'packed',
          '/var/lib/dpkg/diversions': '/usr/bin/tool\n/usr/bin/tool.aside\nother\n',
        }),
      },
      ['error missing /usr/bin/tool tool'],
    ],
    [
      'through the links of a merged /usr',
      {
        packages: tool({ files: { '/bin/tool': 'packed' } }),
        before: { '/bin': { link: 'usr/bin' }, '/usr/bin': directory() },
        after: { '/bin': { link: 'usr/bin' }, '/usr/bin/tool': 'packed' },
      },
      [],
    ],
    [
      'excluded by dpkg’s configuration',
      {
        packages: tool({ files: { '/usr/share/doc/tool/a b': 'x', '/usr/share/doc/tool/copyright': 'x' } }),
        before: {
          '/etc/dpkg/dpkg.cfg.d/excludes':
            'path-exclude=/usr/share/doc/*\npath-include=/usr/share/doc/*/copyright\n',
          '/usr/share/doc/tool/x': '',
        },
        after: { '/usr/share/doc/tool/x': '' },
      },
      ['error missing /usr/share/doc/tool/copyright tool'],
    ],
    [
      'excluded with its directory, and something else is at an excluded path',
      {
        packages: tool({
          files: {
            '/usr/share/locale/de/x.mo': 'x',
            '/usr/share/locale/de/kept': 'x',
            '/usr/share/mine': 'theirs',
          },
        }),
        before: {
          '/etc/dpkg/dpkg.cfg':
            'path-exclude=/usr/share/locale/*\npath-include=/usr/share/locale/*/kept\npath-exclude=/usr/share/mine\n',
          '/usr/share/mine': 'mine',
        },
        after: listed('/usr/share/mine\n', {
          '/usr/share/mine': 'mine',
          '/usr/share/locale/x': '',
        }),
      },
      ['error missing /usr/share/locale/de tool'],
    ],
    [
      'excluded with its directory, which no include needs',
      {
        packages: tool({ files: { '/usr/share/locale/de/x.mo': 'x', '/usr/share/locale/de/y/z': 'x' } }),
        before: { '/etc/dpkg/dpkg.cfg': 'path-exclude=/usr/share/locale/*\n', '/usr/share/locale/x': '' },
        after: { '/usr/share/locale/x': '' },
      },
      [],
    ],
    [
      'lost to another package',
      {
        packages: tool(),
        after: listed('/.\n', {
          '/var/lib/dpkg/info/other.list': '/usr/bin/tool\n',
          '/usr/bin/tool': 'theirs',
        }),
      },
      [],
    ],
    [
      'kept out by a policy',
      {
        packages: tool(),
        settled: ['/usr/bin/tool'],
        before: { '/usr/bin/tool': 'made by hand' },
        after: listed('/usr/bin/tool\n', { '/usr/bin/tool': 'made by hand' }),
      },
      [],
    ],
    [
      'a configuration file that was changed, and one that is missing',
      {
        packages: tool({
          files: { '/etc/a': 'packed', '/etc/b': 'packed' },
          control: { conffiles: '/etc/a\n/etc/b\n' },
        }),
        after: listed('/etc/a\n/etc/b\n', { '/etc/a': 'edited' }),
      },
      ['error missing /etc/b tool'],
    ],
    [
      'a configuration file that was removed before its package was replaced',
      {
        packages: tool({ files: { '/etc/a': 'packed' }, control: { conffiles: '/etc/a\n' } }),
        before: listed('/etc/a\n', { '/etc/x': '' }),
        after: listed('/etc/a\n', { '/etc/x': '' }),
      },
      [],
    ],
    [
      'a link in whose place a directory stays',
      {
        packages: tool({ files: { '/usr/share/doc': { link: 'elsewhere' } } }),
        before: { '/usr/share/doc/x': '' },
        after: listed('/usr/share/doc\n', { '/usr/share/doc/x': '' }),
      },
      [],
    ],
    [
      'state that was changed',
      {
        packages: tool({ files: { '/var/lib/tool/db': '' } }),
        after: listed('', { '/var/lib/tool/db': 'filled' }),
      },
      [],
    ],
    [
      'names of one file that are two files now',
      {
        packages: tool({
          files: { '/usr/a': { ...file('x'), nlink: 2 }, '/usr/b': { hardlink: '/usr/a' } },
        }),
        after: listed('/usr/a\n/usr/b\n', { '/usr/a': file('x'), '/usr/b': file('x') }),
      },
      ['error changed /usr/b tool links'],
    ],
    [
      'a directory that only this package brought',
      {
        packages: tool({ files: { '/usr/share/tool': directory({ mode: 0o2755 }) } }),
        after: { '/usr/share/tool': directory({ mode: 0o755 }) },
      },
      ['error changed /usr/share/tool tool mode'],
    ],
    [
      'a directory that was there',
      {
        packages: tool({ files: { '/usr/share/tool': directory({ mode: 0o2755 }) } }),
        before: { '/usr/share/tool': directory({ mode: 0o755 }) },
        after: { '/usr/share/tool': directory({ mode: 0o755 }) },
      },
      [],
    ],
  ];
  it.each(cases)('%s', (_, one, expected) => {
    expect(findings(one).filter(line => !line.startsWith('warning'))).toEqual(expected);
  });
});

describe('what nobody accounts for', () => {
  const cases: readonly [string, Case, string[]][] = [
    [
      'a file',
      { after: { '/usr/bin/x': '' }, before: { '/usr/bin/y': '' } },
      ['unexpected /usr/bin/x', 'vanished /usr/bin/y'],
    ],
    ['a directory, by its top', { after: { '/opt/x/y/z': '' } }, ['unexpected /opt']],
    [
      'a changed file of the base',
      { before: { '/usr/bin/x': 'a' }, after: { '/usr/bin/x': file('a', { mode: 0o700 }) } },
      ['altered /usr/bin/x mode'],
    ],
    [
      'files of a package of the base that was upgraded',
      {
        before: {
          '/usr/bin/x': 'a',
          '/usr/bin/gone': 'a',
          '/var/lib/dpkg/status': stanza('tool'),
          '/var/lib/dpkg/info/tool.list': '/usr/bin/x\n/usr/bin/gone\n',
        },
        after: { '/usr/bin/x': 'b', '/var/lib/dpkg/status': stanza('tool', '2.0') },
      },
      [],
    ],
    [
      'what generators make, and alternatives',
      {
        before: { '/usr/bin/x': '' },
        after: {
          '/usr/bin/x': '',
          '/usr/bin/editor': { link: '/etc/alternatives/editor' },
          '/usr/lib/python3/dist-packages/a/__pycache__/b.cpython-313.pyc': '',
          '/usr/share/info/dir': '',
          '/usr/lib/modules/6.12/modules.dep': '',
          '/var/log/x': '',
        },
      },
      ['unexpected /usr/lib', 'unexpected /usr/share'],
    ],
    [
      'the same with their directories in the base',
      {
        before: {
          '/usr/lib/python3/dist-packages/a/b.py': '',
          '/usr/share/info/x': '',
          '/usr/lib/modules/6.12/x': '',
        },
        after: {
          '/usr/lib/python3/dist-packages/a/b.py': '',
          '/usr/lib/python3/dist-packages/a/__pycache__/b.cpython-313.pyc': '',
          '/usr/share/info/x': '',
          '/usr/share/info/dir': '',
          '/usr/lib/modules/6.12/x': '',
          '/usr/lib/modules/6.12/modules.dep': '',
        },
      },
      [],
    ],
  ];
  it.each(cases)('%s', (_, one, expected) => {
    expect(findings(one)).toEqual(expected.map(line => `warning ${line}`));
  });
});

it('does not look into what base and result share', () => {
  const shared = memoryTree({ '/usr/share/x': 'x' });
  const usr = shared.entries.get('usr' as ByteString);
  const poisoned = new Proxy(usr as object, {
    get(target, key, receiver) {
      if (key === 'entries') throw new Error('looked into');
      return Reflect.get(target, key, receiver) as unknown;
    },
  });
  shared.entries.set('usr' as ByteString, poisoned as typeof shared);
  const sources = { before: shared, packages: [], settled: new Set<ByteString>(), read: readInline };
  expect(() => validateImage(shared, sources)).not.toThrow();
});

describe('a difference that no script names', () => {
  const rude = describePackage(memoryImage('rude', { control: { postinst: 'a=/usr/bin/to; rm "$a"ol\n' } }));
  const shipped = describePackage(memoryImage('tool', { files: { '/usr/bin/tool': 'packed' } }));
  const found = (modes: Record<string, ValidationMode>) =>
    validateImage(memoryTree(listed('/usr/bin/tool\n', { '/usr/bin/x': '' })), {
      before: memoryTree({ '/usr/bin/x': '' }),
      packages: [rude, shipped],
      settled: new Set(),
      read: readInline,
      modeOf: one => modes[one?.name ?? ''] ?? 'warn',
    }).filter(({ kind }) => kind === 'missing');

  it.each<[Record<string, ValidationMode>, string]>([
    [{}, 'warning'],
    [{ rude: 'strict' }, 'error'],
    [{ rude: 'skip' }, 'skipped'],
    [{ tool: 'strict' }, 'warning'],
  ])('follows the mode of who may have made it: %j', (modes, severity) => {
    expect(found(modes)).toMatchObject([
      { severity, package: 'tool', suspects: ['rude'], path: '/usr/bin/tool' },
    ]);
  });

  it.each<[string[], string | undefined, string]>([
    [['lax', 'warned', 'strict'], 'lax', 'error'],
    [['lax', 'warned'], 'strict', 'warning'],
    [['lax'], 'strict', 'skipped'],
    [[], 'strict', 'error'],
    [[], 'lax', 'skipped'],
    [['strict'], undefined, 'warning'],
    [[], undefined, 'warning'],
  ])('takes the strictest of %j, or else that of %s', (suspects, shipper, expected) => {
    const modes: Record<string, ValidationMode> = { lax: 'skip', strict: 'strict' };
    const scripted = (name: string) => ({ name, architecture: 'all' });
    expect(
      severityOf(one => modes[one?.name ?? ''] ?? 'warn', {
        shipper: shipper === undefined ? undefined : scripted(shipper),
        suspects: suspects.map(scripted),
      }),
    ).toBe(expected);
  });
});

describe('a tree that was just merged', () => {
  const merged = (after: Entries) => {
    const one = describePackage(
      memoryImage('tool', {
        files: {
          '/etc/tool.conf': 'packed',
          '/usr/bin/tool': { ...file('packed'), nlink: 2 },
          '/usr/bin/too': { hardlink: '/usr/bin/tool' },
        },
        // Before any script ran, what it says does not count.
        control: { conffiles: '/etc/tool.conf\n', postinst: 'rm /usr/bin/tool\n' },
      }),
    );
    const before = memoryTree({
      '/usr/bin/x': '',
      '/etc/x': '',
      '/etc/passwd': 'root:x:0:0\n',
      '/etc/group': 'root:x:0:\n',
      '/var/lib/dpkg/statoverride': 'root root 4755 /usr/bin/too\n',
    });
    return validateAssembled(memoryTree(listed('/etc/tool.conf\n/usr/bin/tool\n/usr/bin/too\n', after)), {
      before,
      packages: [one],
      settled: new Set(),
      read: readInline,
      database: readDpkgDatabase(before, readInline),
    }).map(finding => `${finding.severity} ${finding.kind} ${finding.path}`);
  };
  const tool = { ...file('packed', { mode: 0o4755 }), nlink: 2 };

  it('has every path as it is shipped, and configuration files beside their names', () => {
    const whole = { '/usr/bin/tool': tool, '/usr/bin/too': tool };
    expect(merged({ ...whole, '/etc/tool.conf.dpkg-new': 'packed' })).toEqual([]);
    expect(merged({ ...whole, '/etc/tool.conf': 'packed' })).toEqual(['error missing /etc/tool.conf']);
  });

  it('lacks what is missing and changed, whatever scripts say', () => {
    const hacked = { ...file('hacked', { mode: 0o4755 }), nlink: 2 };
    expect(merged({ '/etc/tool.conf.dpkg-new': 'packed', '/usr/bin/too': hacked })).toEqual([
      'error missing /usr/bin/tool',
      'error changed /usr/bin/too',
    ]);
  });
});
