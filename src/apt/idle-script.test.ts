import { expect, it } from 'vitest';
import { runningScript } from './idle-script.ts';

it.each([
  [
    ['dpkg --configure -a', '/bin/sh /var/lib/dpkg/info/a.postinst configure ', 'sleep 1'],
    '',
    ['a', 'postinst'],
  ],
  [
    ['perl -w /usr/share/debconf/frontend /var/lib/dpkg/info/libc6:amd64.postinst configure', 'sleep 1'],
    '',
    ['libc6:amd64', 'postinst'],
  ],
  [['/var/lib/dpkg/tmp.ci/preinst install'], 'Preparing to unpack b ...\n', ['b', 'preinst']],
  [
    ['sh /var/lib/dpkg/tmp.ci/preinst install'],
    'Preparing to unpack .../b_1.0_all.deb ...\n',
    ['b', 'preinst'],
  ],
  [['dpkg --unpack /run/apt-layer/archives/0.deb'], 'Setting up a (1) ...\n', undefined],
  [[], '', undefined],
] as const)('%j', (running, said, expected) => {
  const found = runningScript(running, said);
  expect(found === undefined ? undefined : [found.package, found.script]).toEqual(expected);
});
