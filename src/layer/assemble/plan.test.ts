import { describe, expect, it } from 'vitest';
import {
  file,
  type MemoryPackage,
  memoryImage,
  memoryTree,
  readInline,
} from '../../../tests/support/memory-package.ts';
import { readDpkgDatabase } from './dpkg-database.ts';
import { describePackage } from './package.ts';
import { planAssembly } from './plan.ts';
import { describeReason } from './reasons.ts';

const memoryPackage = (...[name, one]: Parameters<typeof memoryImage>) =>
  describePackage(memoryImage(name, one));

const stanza = (name: string, fields: Record<string, string> = {}) =>
  Object.entries({
    Package: name,
    Status: 'install ok installed',
    Architecture: 'all',
    Version: '1.0',
    ...fields,
  })
    .map(([field, value]) => `${field}: ${value}\n`)
    .join('');

interface Base {
  readonly dpkgCfg?: string;
  readonly status?: readonly string[];
  readonly lists?: Readonly<Record<string, string>>;
}

function plan(base: Base, packages: Readonly<Record<string, MemoryPackage>>) {
  const lists = Object.entries(base.lists ?? {}).map(([name, text]) => [
    `/var/lib/dpkg/info/${name}.list`,
    text,
  ]);
  const files = {
    '/var/lib/dpkg/status': (base.status ?? []).join('\n'),
    '/etc/dpkg/dpkg.cfg': base.dpkgCfg ?? '',
    ...Object.fromEntries(lists),
  };
  const database = readDpkgDatabase(memoryTree(files), readInline);
  const described = Object.entries(packages).map(([name, one]) =>
    memoryPackage(name.replace(/:.*/, ''), one),
  );
  const made = planAssembly(database, described);
  const reasons = made.packages.map(one => [
    one.package.infoName,
    one.route === 'native' ? 'native' : one.reasons.map(describeReason).join('; '),
  ]);
  const steps = made.steps.map(({ route, packages: all, preinsts }) => {
    const names = all.map(one => (preinsts.includes(one) ? `${one.infoName}!` : one.infoName));
    return `${route}: ${names.join(' ')}`;
  });
  return { reasons: Object.fromEntries(reasons) as Record<string, string>, steps };
}

const DOES = { preinst: '#!/bin/sh\nadduser x\n' };
const SAME = { 'Multi-Arch': 'same', Architecture: 'amd64' };

describe('the way a package goes', () => {
  const cases: [string, Base, Record<string, MemoryPackage>, Record<string, string>][] = [
    ['new', { status: [stanza('other')] }, { aa: {} }, { aa: 'native' }],
    ['an upgrade', { status: [stanza('aa', { Version: '0.9' })] }, { aa: {} }, { aa: 'upgrade of 0.9' }],
    ['a downgrade', { status: [stanza('aa', { Version: '1:0' })] }, { aa: {} }, { aa: 'downgrade of 1:0' }],
    ['the same again', { status: [stanza('aa')] }, { aa: {} }, { aa: 'reinstall of 1.0' }],
    [
      'a file is excluded and another name of it is not',
      { dpkgCfg: 'path-exclude=/usr/a*\n' },
      {
        aa: { files: { '/usr/a': { ...file('x'), nlink: 2 }, '/usr/b': { hardlink: '/usr/a' } } },
        bb: { files: { '/usr/0': { ...file('x'), nlink: 2 }, '/usr/a0': { hardlink: '/usr/0' } } },
      },
      {
        aa: '/usr/a is excluded by dpkg’s configuration, and other paths depend on it',
        bb: 'native',
      },
    ],
    [
      'a file that is excluded moves',
      { dpkgCfg: 'path-exclude=/usr/a*\n' },
      {
        aa: { files: { '/usr/a': 'x', '/usr/x': 'x' } },
        bb: { files: { '/usr/a': 'x' }, fields: { Replaces: 'aa' } },
      },
      { aa: '/usr/a moves between it and bb', bb: '/usr/a moves between it and aa' },
    ],
    [
      'half of it is there',
      { status: [stanza('aa', { Status: 'install reinstreq half-installed' })] },
      { aa: {} },
      { aa: 'reinstall of 1.0' },
    ],
    [
      'removed, not purged',
      { status: [stanza('aa', { Status: 'deinstall ok config-files' })] },
      { aa: {} },
      { aa: 'configuration files of a removed 1.0 are there' },
    ],
    [
      'never installed, though dpkg knows its name',
      { status: [stanza('aa', { Status: 'unknown ok not-installed' })] },
      { aa: {} },
      { aa: 'native' },
    ],
    [
      'another architecture beside the same version',
      { status: [stanza('aa', SAME)] },
      { 'aa:i386': { fields: { ...SAME, Architecture: 'i386' } } },
      { 'aa:i386': 'native' },
    ],
    [
      'another architecture beside another version',
      { status: [stanza('aa', { ...SAME, Version: '2' })] },
      { 'aa:i386': { fields: { ...SAME, Architecture: 'i386' } } },
      { 'aa:i386': 'aa:amd64 is installed for another architecture and changes with it' },
    ],
    [
      'both architectures, one of them an upgrade',
      { status: [stanza('aa', { ...SAME, Version: '0.5' })] },
      { 'aa:1': { fields: SAME }, 'aa:2': { fields: { ...SAME, Architecture: 'i386' } } },
      {
        'aa:amd64': 'upgrade of 0.5',
        'aa:i386': 'aa:amd64 is installed for another architecture and changes with it',
      },
    ],
    [
      'a change of architecture',
      { status: [stanza('aa', { Architecture: 'i386' })] },
      { aa: { fields: { Architecture: 'amd64' } } },
      { aa: 'reinstall of 1.0' },
    ],
    [
      'Replaces of files that are there',
      { status: [stanza('old')], lists: { old: '/.\n/usr\n/usr/x\n' } },
      { aa: { fields: { Replaces: 'old' }, files: { '/usr/x': 'x' } } },
      { aa: '/usr/x moves between it and old' },
    ],
    [
      'Replaces of nothing',
      { status: [stanza('old')], lists: { old: '/.\n/usr\n/usr/y\n' } },
      { aa: { fields: { Replaces: 'old, other' }, files: { '/usr/x': 'x' } } },
      { aa: 'native' },
    ],
    [
      'Replaces of another version',
      { status: [stanza('old')], lists: { old: '/usr/x\n' } },
      { aa: { fields: { Replaces: 'old (<< 0.1)' }, files: { '/usr/x': 'x' } } },
      { aa: 'native' },
    ],
    [
      'an installed package replaces it',
      { status: [stanza('old', { Replaces: 'aa (<< 2)' })], lists: { old: '/usr/x\n' } },
      { aa: { files: { '/usr/x': 'x' } } },
      { aa: '/usr/x moves between it and old' },
    ],
    [
      'two that replace each other',
      {},
      {
        aa: { fields: { Replaces: 'bb' }, files: { '/x': '1', '/a': '1' } },
        bb: { fields: { Replaces: 'aa' }, files: { '/x': '2', '/b': '2' } },
      },
      {
        aa: '/x moves between it and bb; /x moves between it and bb',
        bb: '/x moves between it and aa; /x moves between it and aa',
      },
    ],
    [
      'a simple replacement',
      {},
      { aa: { fields: { Replaces: 'bb' }, files: { '/x': '1' } }, bb: { files: { '/x': '2', '/b': '2' } } },
      { aa: 'native', bb: 'native' },
    ],
    [
      'nothing is left of one',
      {},
      { aa: { fields: { Replaces: 'bb' }, files: { '/x': '1' } }, bb: { files: { '/x': '2' } } },
      { aa: '/x moves between it and bb', bb: '/x moves between it and aa' },
    ],
    [
      'a conffile that another package has or had',
      { status: [`${stanza('old')}Conffiles:\n /etc/x ${'0'.repeat(32)} obsolete\n`] },
      { aa: { control: { conffiles: '/etc/x\n' } } },
      { aa: '/etc/x is a configuration file of old, too' },
    ],
    [
      'in place of an essential package',
      { status: [stanza('old', { Essential: 'yes' })] },
      { aa: { fields: { Conflicts: 'old' } } },
      { aa: 'it takes the place of old, which is essential' },
    ],
    [
      'a preinst in another language',
      {},
      { aa: { control: { preinst: '#!/usr/bin/perl\n1;\n' } } },
      { aa: 'its preinst is run by /usr/bin/perl' },
    ],
  ];
  it.each(cases)('%s', (_, base, packages, expected) => {
    expect(plan(base, packages).reasons).toEqual(expected);
  });
});

describe('the steps', () => {
  const old = { status: [stanza('lib', { Version: '0.9' })] };
  const cases: [string, Base, Record<string, MemoryPackage>, string[]][] = [
    ['everything at once', {}, { bb: { fields: { Depends: 'aa' } }, aa: {} }, ['native: aa bb']],
    [
      'a preinst that does something waits for its Pre-Depends, and what they need',
      {},
      {
        main: { fields: { 'Pre-Depends': 'adduser (>= 1), missing | awk' }, control: DOES },
        adduser: { fields: { Depends: 'passwd' } },
        passwd: {},
        gawk: { fields: { Provides: 'awk' } },
        rest: { control: DOES },
      },
      ['native: adduser gawk passwd', 'native: main! rest!'],
    ],
    [
      'stages follow each other',
      {},
      {
        cc: { fields: { 'Pre-Depends': 'bb' }, control: DOES },
        bb: { fields: { 'Pre-Depends': 'aa' }, control: DOES },
        aa: {},
      },
      ['native: aa', 'native: bb!', 'native: cc!'],
    ],
    [
      'a preinst that needs only the base waits for nothing',
      {},
      {
        main: { fields: { 'Pre-Depends': 'aa' }, control: { preinst: '#!/bin/sh\nmkdir /x\n' } },
        aa: {},
      },
      ['native: aa main!'],
    ],
    [
      'a preinst that does nothing waits for nothing',
      {},
      { main: { fields: { 'Pre-Depends': 'aa' }, control: { preinst: '#!/bin/sh\n:\n' } }, aa: {} },
      ['native: aa main'],
    ],
    [
      'the base has the Pre-Depends',
      { status: [stanza('mawk', { Provides: 'awk' })] },
      { main: { fields: { 'Pre-Depends': 'awk | gawk' }, control: DOES }, gawk: {} },
      ['native: gawk main!'],
    ],
    [
      'dpkg comes last when nobody waits for it',
      old,
      { lib: { fields: { Depends: 'data' } }, data: {}, other: {} },
      ['native: data', 'native: other', 'dpkg: lib'],
    ],
    [
      'what needs the new version comes after it',
      old,
      { lib: {}, app: { fields: { Depends: 'lib (>= 1.0)' } }, top: { fields: { Depends: 'app' } } },
      ['dpkg: lib', 'native: app top'],
    ],
    [
      'the old version is good enough',
      old,
      { lib: {}, app: { fields: { Depends: 'lib' } } },
      ['native: app', 'dpkg: lib'],
    ],
    [
      'what breaks the old version comes after it',
      old,
      { lib: {}, app: { fields: { Breaks: 'lib (<< 1.0)' } } },
      ['dpkg: lib', 'native: app'],
    ],
    [
      'both need each other',
      old,
      { lib: { fields: { Depends: 'data' } }, data: { fields: { Depends: 'lib (= 1.0)' } }, free: {} },
      ['native: free', 'dpkg: data lib'],
    ],
    [
      'a circle of dependencies with a preinst',
      {},
      { aa: { fields: { 'Pre-Depends': 'bb' }, control: DOES }, bb: { fields: { Depends: 'aa' } } },
      ['native: aa! bb'],
    ],
  ];
  it.each(cases)('%s', (_, base, packages, expected) => {
    expect(plan(base, packages).steps).toEqual(expected);
  });
});
