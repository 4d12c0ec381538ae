import { describe, expect, it } from 'vitest';
import {
  directory,
  file,
  type MemoryPackage,
  memoryImage,
  memoryTree,
  readInline,
} from '../../../tests/support/memory-package.ts';
import { fromText } from '../../formats/bytes/index.ts';
import { type Directory, lookup, lookupDirectory, type Tree } from '../../formats/tree/index.ts';
import { fileAt, readDpkgDatabase } from './dpkg-database.ts';
import { describePackage } from './package.ts';
import { dpkgRecords, type RecordOptions } from './records.ts';

const memoryPackage = (...[name, one]: Parameters<typeof memoryImage>) =>
  describePackage(memoryImage(name, one));

const stored = new Map<string, Buffer>();
const options = {
  dropped: new Map(),
  automatic: new Set<string>(),
  nativeArchitecture: 'amd64',
  mtime: 5,
  read: (node: Parameters<typeof readInline>[0]) =>
    node.content.kind === 'object' ? (stored.get(node.content.digest) ?? Buffer.alloc(0)) : readInline(node),
  put: (bytes: Buffer) => {
    const digest = `d${stored.size}`;
    stored.set(digest, bytes);
    return digest;
  },
};

function record(base: Tree, packages: Record<string, MemoryPackage>, more: Partial<RecordOptions> = {}) {
  const all = Object.entries(packages).map(([name, one]) => memoryPackage(name.replace(/:.*/, ''), one));
  const database = readDpkgDatabase(base, options.read);
  const tree = dpkgRecords(base, all, { ...options, database, ...more });
  const text = (path: string) => {
    const node = fileAt(tree, fromText(path));
    return node === undefined ? undefined : options.read(node).toString();
  };
  return { tree, text, dpkg: (path: string) => text(`/var/lib/dpkg/${path}`) };
}

const I386 = { fields: { Architecture: 'i386', 'Multi-Arch': 'same' } };

describe('dpkgRecords', () => {
  it('begins a database where there is none', () => {
    const { tree, dpkg } = record(directory(), { aa: { files: { '/usr/x': 'x' } } });
    expect(dpkg('status')).toBe(
      'Package: aa\nStatus: install ok unpacked\nVersion: 1.0\nArchitecture: all\n\n',
    );
    expect(dpkg('info/format')).toBe('1\n');
    expect(dpkg('info/aa.list')).toBe('/.\n/usr\n/usr/x\n');
    expect(dpkg('info/aa.md5sums')).toBe('9dd4e461268c8034f5c8564e155c67a6  usr/x\n');
    expect([...(lookupDirectory(tree, fromText('/var/lib/dpkg'))?.entries.keys() ?? [])].sort()).toEqual([
      'info',
      'status',
    ]);
    expect(lookup(tree, fromText('/var/lib/dpkg/status'))).toMatchObject({ mode: 0o644, uid: 0, mtime: 5 });
  });

  it('leaves the given tree as it is', () => {
    const make = () => memoryTree({ '/var/lib/dpkg/status': '', '/usr/x': 'x' });
    const base = make();
    const { tree } = record(base, { aa: {} });
    expect(base).toEqual(make());
    expect(tree.entries.get(fromText('usr'))).toBe(base.entries.get(fromText('usr')));
  });

  it('writes where a link in place of the database leads to', () => {
    const base = memoryTree({
      '/usr/lib/sysimage/dpkg/status':
        'Package: old\nStatus: install ok installed\nArchitecture: all\nVersion: 1\n',
      '/usr/lib/sysimage/extended_states': 'Package: zz\nArchitecture: amd64\nAuto-Installed: 1\n\n',
      '/var/lib/dpkg': { link: '../../usr/lib/sysimage/dpkg' },
      '/var/lib/apt/extended_states': { link: '../../../usr/lib/sysimage/extended_states' },
    });
    const { tree, text } = record(base, { aa: {} }, { automatic: new Set(['aa']) });
    expect(text('/usr/lib/sysimage/dpkg/status')).toMatch(
      /^Package: old\n[\s\S]*\n\nPackage: aa\n[\s\S]*\n\n$/,
    );
    expect(text('/usr/lib/sysimage/extended_states')).toBe(
      'Package: zz\nArchitecture: amd64\nAuto-Installed: 1\n\nPackage: aa\nArchitecture: amd64\nAuto-Installed: 1\n\n',
    );
    expect(lookup(tree, fromText('/var/lib/dpkg'))?.kind).toBe('symlink');
    expect(lookup(tree, fromText('/var/lib/apt/extended_states'))?.kind).toBe('symlink');
  });

  it('sorts stanzas by name and architecture, whatever the order they come in', () => {
    const all = { 'bb:1': { fields: { ...I386.fields, Architecture: 'amd64' } }, 'bb:2': I386, aa: {} };
    const names = (text: string | undefined) =>
      [...(text ?? '').matchAll(/^Architecture: (\S+)/gm)].map(([, name]) => name);
    const reversed = Object.fromEntries(Object.entries(all).reverse());
    expect(names(record(directory(), all).dpkg('status'))).toEqual(['all', 'amd64', 'i386']);
    expect(record(directory(), reversed).dpkg('status')).toBe(record(directory(), all).dpkg('status'));
  });

  it('takes nothing from a package that dpkg itself decides', () => {
    const fields = {
      Conffiles: '\n /etc/x 123',
      Essential: 'no',
    };
    const { dpkg } = record(directory(), {
      aa: { fields, control: { conffiles: '/etc/c\nremove-on-upgrade /etc/d\n' } },
    });
    expect(dpkg('status')).toBe(
      'Package: aa\nStatus: install ok unpacked\nVersion: 1.0\nArchitecture: all\nConffiles:\n /etc/c newconffile\n /etc/d newconffile remove-on-upgrade\n\n',
    );
  });

  it('names info files by architecture where several may be there, and leaves out odd members', () => {
    const control = { postinst: '#!/bin/sh\n', 'a.b': 'x', list: 'x', md5sums: 'given\n' };
    const { tree } = record(directory(), {
      'aa:i386': { ...I386, control },
      bb: { fields: { 'Multi-Arch': 'foreign' } },
    });
    const info = lookupDirectory(tree, fromText('/var/lib/dpkg/info')) as Directory;
    expect([...info.entries.keys()].sort()).toEqual([
      'aa:i386.list',
      'aa:i386.md5sums',
      'aa:i386.postinst',
      'bb.list',
      'bb.md5sums',
      'format',
    ]);
  });

  it('keeps what a package lost out of its list', () => {
    const dropped = new Map([['aa', new Set([fromText('/x')])]]);
    const { dpkg } = record(directory(), { aa: { files: { '/x': file('x'), '/y': 'y' } } }, { dropped });
    expect(dpkg('info/aa.list')).toBe('/.\n/y\n');
    expect(dpkg('info/aa.md5sums')).not.toContain(' x\n');
  });

  it('writes triggers behind what was there', () => {
    const base = memoryTree({
      '/var/lib/dpkg/triggers/Unincorp': 'ldconfig libold\n',
      '/var/lib/dpkg/triggers/File': '/usr/share/man man-db/noawait\n/usr waiter\n',
      '/var/lib/dpkg/triggers/ldconfig': 'libc-bin\n',
    });
    const { dpkg } = record(base, {
      'aa:i386': {
        ...I386,
        files: { '/usr/share/man/man1/x': 'x' },
        control: {
          triggers: '# comment\ninterest-noawait /opt\ninterest ldconfig\nactivate-noawait ldconfig\n',
        },
      },
      bb: {
        files: { '/usr/share/manual': 'x' },
        control: { triggers: 'activate ldconfig\ninterest fresh\n' },
      },
    });
    expect(dpkg('triggers/Unincorp')?.split('\n').sort()).toEqual([
      '',
      '/usr aa:i386 bb',
      '/usr/share/man -',
      'ldconfig libold - bb',
    ]);
    expect(dpkg('triggers/File')).toBe('/usr/share/man man-db/noawait\n/usr waiter\n/opt aa:i386/noawait\n');
    expect(dpkg('triggers/ldconfig')).toBe('libc-bin\naa:i386\n');
    expect(dpkg('triggers/fresh')).toBe('bb\n');
  });

  it('leaves extended_states alone when everything was asked for, and replaces what is old', () => {
    const base = memoryTree({
      '/var/lib/apt/extended_states': 'Package: aa\nArchitecture: amd64\nAuto-Installed: 1\n\n',
    });
    expect(record(base, { aa: {} }).text('/var/lib/apt/extended_states')).toContain('aa');
    const states = record(base, { aa: {}, bb: {} }, { automatic: new Set(['bb:amd64']) }).text(
      '/var/lib/apt/extended_states',
    );
    expect(states).toBe('Package: bb\nArchitecture: amd64\nAuto-Installed: 1\n\n');
  });
});
