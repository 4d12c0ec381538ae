import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { scratchDirectory } from '../../tests/support/host.ts';
import { createSys } from '../sys/index.ts';
import { placeOf } from './name-resolution.ts';

it.each([
  ['nothing', undefined, { path: '/etc/resolv.conf', isThere: false, isEmpty: false }],
  ['a file', 'file', { path: '/etc/resolv.conf', isThere: true, isEmpty: false }],
  [
    'what systemd-resolved makes',
    '../run/x/stub.conf',
    { path: '/run/x/stub.conf', isThere: false, isEmpty: true },
  ],
  ['another file', '/etc/other', { path: '/etc/other', isThere: true, isEmpty: false }],
  ['a file above the root', '../../../../etc/other', { path: '/etc/other', isThere: true, isEmpty: false }],
  [
    'a file in a linked directory',
    '/lib/resolv',
    { path: '/usr/lib/resolv', isThere: false, isEmpty: false },
  ],
  ['a way out of memory', '/run/x/../../etc/other', { path: '/etc/other', isThere: true, isEmpty: false }],
  ['memory itself', '/run', undefined],
  ['itself', 'resolv.conf', undefined],
  ['a directory', '/etc', undefined],
  ['below a file', '/etc/other/x', undefined],
  ['a process', '/proc/1/root/etc/shadow', undefined],
] as const)('/etc/resolv.conf is %s', (_, target, expected) => {
  using root = scratchDirectory();
  for (const name of ['etc', 'usr/lib', 'run']) mkdirSync(`${root.path}/${name}`, { recursive: true });
  symlinkSync('usr/lib', `${root.path}/lib`);
  writeFileSync(`${root.path}/etc/other`, '');
  const path = `${root.path}/etc/resolv.conf`;
  if (target === 'file') writeFileSync(path, '');
  else if (target !== undefined) symlinkSync(target, path);
  expect(placeOf(createSys(), root.path, '/etc/resolv.conf')).toEqual(expected);
});
