import { type RuleGroup, textOf } from './rule-group.ts';

const LONG_NAME = 'n'.repeat(180);
const DEEP = Array.from({ length: 60 }, (_, level) => `level-${level}`).join('/');

/** Files of every kind, size, name and place, and relations between packages. */
export const fileRules: RuleGroup = {
  name: 'files of every kind, name and place; packages of every shape',
  base: [
    {
      name: 'rule-dir-first',
      files: {
        '/usr/share/rule-dir/inside': 'a directory\n',
        '/usr/share/rule-real/inside': 'behind a link\n',
        '/usr/share/rule-link': { symlink: 'rule-real' },
        '/usr/share/rule-kept': { directory: true, mode: 0o2750 },
      },
    },
  ],
  archive: [
    {
      name: 'rule-kinds',
      architecture: 'amd64',
      files: {
        '/usr/lib/rule/setuid': { content: textOf(200), mode: 0o4755 },
        '/usr/lib/rule/setgid': { content: textOf(200, 'g'), mode: 0o2755, gid: 50 },
        '/usr/lib/rule/linked': { hardlink: '/usr/lib/rule/setuid' },
        '/usr/lib/rule/sticky': { directory: true, mode: 0o1777 },
        '/usr/lib/rule/fifo': { fifo: true, mode: 0o622 },
        '/usr/lib/rule/empty-directory': { directory: true, mode: 0o700 },
        '/usr/lib/rule/zero': '',
        '/usr/lib/rule/one': '1',
        '/usr/lib/rule/bytes-64': textOf(64),
        '/usr/lib/rule/bytes-65': textOf(65),
        '/usr/lib/rule/equal-short-a': 'equal',
        '/usr/lib/rule/equal-short-b': 'equal',
        '/usr/lib/rule/equal-long-a': textOf(5000, 'equal'),
        '/usr/lib/rule/equal-long-b': { content: textOf(5000, 'equal'), mode: 0o600 },
        '/usr/lib/rule/owned': { content: textOf(100, 'owned'), uid: 8, gid: 12, mode: 0o640 },
        '/usr/lib/rule/numbered': { content: textOf(100, 'numbered'), uid: 4321, gid: 5432 },
        '/usr/lib/rule/dangling': { symlink: '/nowhere/at/all' },
        '/usr/lib/rule/big': Buffer.alloc(3_000_000, 'big file '),
      },
    },
    {
      name: 'rule-c++',
      version: '3:1.0~rc1+dfsg-2.1',
      architecture: 'amd64',
      files: {
        '/usr/share/rule names/with space': 'x',
        '/usr/share/rule names/häßlich ☃': 'not ASCII',
        '/usr/share/rule names/back\\slash "quoted" $dollar': 'x',
        '/usr/share/rule names/+plus~tilde=equals,comma': 'x',
        [`/usr/share/rule-long/${LONG_NAME}/${LONG_NAME}`]: textOf(80, 'long'),
        [`/usr/share/rule-long/link`]: { symlink: `${LONG_NAME}/${LONG_NAME}` },
        [`/usr/share/rule-deep/${DEEP}/end`]: textOf(80, 'deep'),
      },
    },
    {
      name: 'rule-third-party',
      architecture: 'amd64',
      files: {
        '/lib/rule-third/module': textOf(300, 'module'),
        '/bin/rule-third': { content: textOf(300, 'program'), mode: 0o755 },
        '/usr/bin/rule-third-link': { hardlink: '/bin/rule-third' },
        '/sbin/rule-third-admin': { content: '#!/bin/sh\n', mode: 0o755 },
        '/lib64/rule-third.so': textOf(300, 'library'),
        '/opt/rule/bin/tool': { content: '#!/bin/sh\n', mode: 0o755 },
        '/opt/rule/share/data': textOf(300, 'data'),
        '/opt/rule/tool-link': { symlink: 'bin/tool' },
        '/srv/rule/served': 'x',
        '/usr/local/lib/rule-local': 'x',
      },
      md5sums: false,
    },
    {
      name: 'rule-dir-second',
      depends: ['rule-dir-first'],
      files: {
        // dpkg keeps the directory, and follows the link.
        '/usr/share/rule-dir': { symlink: 'rule-real' },
        '/usr/share/rule-link/second': 'put behind the link\n',
        '/usr/share/rule-kept': { directory: true, mode: 0o755 },
        '/usr/share/rule-kept/second': 'x',
      },
    },
    { name: 'rule-meta', depends: ['rule-virtual', 'rule-circle-a'], md5sums: false },
    { name: 'rule-provider', provides: ['rule-virtual'], files: { '/usr/share/rule-provider': 'x' } },
    {
      name: 'rule-circle-a',
      depends: ['rule-circle-b'],
      scripts: { postinst: 'test -e /usr/share/rule-circle-b' },
      files: { '/usr/share/rule-circle-a': 'a' },
    },
    {
      name: 'rule-circle-b',
      depends: ['rule-circle-a'],
      files: { '/usr/share/rule-circle-b': 'b' },
    },
    {
      name: 'rule-essential',
      fields: { Essential: 'yes', Priority: 'required' },
      files: { '/usr/bin/rule-essential': { content: '#!/bin/sh\n', mode: 0o755 } },
    },
    {
      name: 'rule-recommender',
      recommends: ['rule-recommended', 'rule-not-there'],
      files: { '/usr/share/rule-recommender': 'x' },
    },
    { name: 'rule-recommended', files: { '/usr/share/rule-recommended': 'x' } },
  ],
  packages: [
    'rule-kinds',
    'rule-c++',
    'rule-third-party',
    'rule-dir-second',
    'rule-meta',
    'rule-essential',
    'rule-recommender',
  ],
  proofs: [
    'test -u /usr/lib/rule/setuid && test -g /usr/lib/rule/setgid && test -p /usr/lib/rule/fifo',
    'test /usr/lib/rule/linked -ef /usr/lib/rule/setuid && test /bin/rule-third -ef /usr/bin/rule-third-link',
    'test -f /usr/lib/rule-third/module && test -f /usr/lib64/rule-third.so && test ! -L /usr/sbin/rule-third-admin',
    'test -d /usr/share/rule-dir && test ! -L /usr/share/rule-dir && test -L /usr/share/rule-link',
    'test -f /usr/share/rule-real/second',
    'test -f /opt/rule/share/data && test -f /srv/rule/served',
    'dpkg -s rule-c++ | grep -qx "Version: 3:1.0~rc1+dfsg-2.1"',
    'apt-mark showauto | grep -qx rule-provider && apt-mark showmanual | grep -qx rule-meta',
    'test -s /var/lib/dpkg/info/rule-third-party.md5sums && test -e /usr/share/rule-recommended',
  ],
};

/** Instances of a package for two architectures share what is equal. */
export const multiArchRules: RuleGroup = {
  name: 'Multi-Arch: same, for two architectures',
  prepare: 'dpkg --add-architecture i386',
  archive: ['amd64', 'i386'].map(architecture => ({
    name: 'rule-both',
    architecture,
    multiArch: 'same' as const,
    files: {
      '/usr/share/doc/rule-both/changelog': textOf(500, 'shared'),
      '/usr/share/doc/rule-both/link': { symlink: 'changelog' },
      '/etc/rule-both.conf': 'shared=1\n',
      [`/usr/lib/${architecture === 'amd64' ? 'x86_64' : 'i386'}-linux-gnu/rule-both.so`]: textOf(
        500,
        architecture,
      ),
    },
    conffiles: ['/etc/rule-both.conf'],
    triggers: ['activate-noawait ldconfig'],
    scripts: { postinst: `touch /var/lib/rule-both-$DPKG_MAINTSCRIPT_ARCH` },
  })),
  packages: ['rule-both:amd64', 'rule-both:i386'],
  proofs: [
    'test -e /var/lib/rule-both-amd64 && test -e /var/lib/rule-both-i386',
    'test -e /var/lib/dpkg/info/rule-both:i386.list && test -e /var/lib/dpkg/info/rule-both:amd64.list',
    'test -e /usr/lib/i386-linux-gnu/rule-both.so',
  ],
};
