import { expect, it } from 'vitest';
import {
  directory,
  file,
  memoryImage,
  memoryTree,
  readInline,
} from '../../../tests/support/memory-package.ts';
import { fromText } from '../../formats/bytes/index.ts';
import { lookup } from '../../formats/tree/index.ts';
import { withPlainPermissions } from '../metadata-policy/index.ts';
import { readDpkgDatabase } from './dpkg-database.ts';
import { describePackage } from './package.ts';
import { withPlainPaths } from './plain-unpacked.ts';

it('makes plain what is still as dpkg unpacked it', () => {
  const packed = {
    '/usr/bin/tool': file('x', { mode: 0o4755 }),
    '/usr/bin/twin': { hardlink: '/usr/bin/tool' },
    '/usr/bin/changed': file('x', { mode: 0o4755 }),
    '/usr/bin/overridden': file('x', { mode: 0o4755 }),
    '/usr/bin/aside': file('x', { mode: 0o600 }),
    '/usr/share/own': directory({ mode: 0o2775 }),
    '/usr/share/shared': directory({ mode: 0o2775 }),
    '/usr/share/mail': file('x', { gid: 99 }),
  };
  const image = memoryImage('p', { files: packed, owners: { '/usr/share/mail': { group: 'mail' } } });
  const tree = memoryTree({
    ...packed,
    '/usr/bin/changed': file('x', { mode: 0o700 }),
    '/usr/bin/aside': file('not its own', { mode: 0o600 }),
    '/usr/bin/aside.distrib': file('x', { mode: 0o600 }),
    '/usr/share/mail': file('x', { gid: 8 }),
    '/etc/group': 'root:x:0:\nmail:x:8:\n',
    '/etc/passwd': 'root:x:0:0\n',
    '/var/lib/dpkg/statoverride': 'root root 4755 /usr/bin/overridden\n',
    '/var/lib/dpkg/diversions': '/usr/bin/aside\n/usr/bin/aside.distrib\nother\n',
    '/var/lib/dpkg/status':
      'Package: p\nStatus: install ok installed\nVersion: 1.0\nArchitecture: all\n\n' +
      'Package: q\nStatus: install ok installed\nVersion: 1.0\nArchitecture: all\n\n',
    '/var/lib/dpkg/info/p.list': '/.\n/usr/share/own\n/usr/share/shared\n',
    '/var/lib/dpkg/info/q.list': '/.\n/usr/share/shared\n',
  });
  const { changes } = withPlainPermissions(image);
  const result = withPlainPaths(tree, describePackage(image), {
    changes,
    database: readDpkgDatabase(tree, readInline),
  });
  const mode = (path: string) => lookup(result, fromText(path))?.mode.toString(8);
  expect(
    [
      'bin/tool',
      'bin/changed',
      'bin/overridden',
      'bin/aside',
      'bin/aside.distrib',
      'share/own',
      'share/shared',
    ].map(path => mode(`/usr/${path}`)),
  ).toEqual(['755', '700', '4755', '600', '644', '755', '2775']);
  expect(lookup(result, fromText('/usr/bin/tool'))).toBe(lookup(result, fromText('/usr/bin/twin')));
  expect(lookup(result, fromText('/usr/share/mail'))).toMatchObject({ gid: 0 });
});
