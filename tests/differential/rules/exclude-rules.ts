import type { ConflictRule } from './conflict-rules.ts';
import { mark, marked, type RuleGroup, textOf } from './rule-group.ts';

const CONFIGURATION = '/etc/dpkg/dpkg.cfg.d/rule-excludes';

/** What the images for containers have, and the corners of it; only for paths of these packages. */
const EXCLUDES = `
# as in debian:trixie-slim
path-exclude /usr/share/doc/rule-ex*
path-include = "/usr/share/doc/rule-ex*/copyright"
path-exclude=/usr/share/locale/rule-*
path-include=/usr/share/locale/rule-de*
path-exclude=/usr/share/rule-ex/out*
path-exclude=/usr/share/rule-ex/[a-c]?t
path-exclude=/usr/share/rule-ex/in/*
path-include=/usr/share/rule-ex/in/b[!a]ck
path-exclude=/usr/share/rule-ex-there
path-exclude=/usr/share/rule-ex-apart
path-exclude=/usr/share/rule-ex-div/by-name
path-exclude=/usr/share/rule-ex-div/elsewhere
path-exclude=/usr/share/rule-ex-trigger/*
path-exclude=/usr/share/rule-ex-clash
path-exclude=/etc/rule-ex-out.conf
path-exclude=/usr/lib/rule-ex/*
path-include=/usr/lib/rule-ex/first
path-exclude=/usr/lib/rule-ex-source/a
`;

/** What dpkg's configuration excludes and includes again. */
export const excludeRules: RuleGroup = {
  name: 'path-exclude and path-include',
  base: [
    { name: 'rule-ex-there', files: { '/usr/share/rule-ex-there/inside': 'x' } },
    {
      name: 'rule-ex-waits',
      triggers: ['interest-noawait /usr/share/rule-ex-trigger'],
      scripts: { postinst: `[ "$1" != triggered ] || { ${mark('triggered')}; }` },
      files: { '/usr/share/rule-ex-waits': 'x' },
    },
    {
      name: 'rule-ex-old',
      files: { '/usr/share/rule-ex/out-old': 'old', '/usr/share/rule-ex/old': 'old' },
    },
  ],
  prepare: [
    `cat >${CONFIGURATION} <<'END'${EXCLUDES}END`,
    'mkdir -p /usr/share/rule-ex-div',
    'divert() { dpkg-divert --local --no-rename --divert "$2" "$1"; }',
    'divert /usr/share/rule-ex-div/by-name /usr/share/rule-ex-div/by-name.local',
    'divert /usr/share/rule-ex-div/to /usr/share/rule-ex-div/elsewhere',
    'echo mine >/usr/share/rule-ex/out-mine',
  ].join('\n'),
  archive: [
    {
      name: 'rule-ex-files',
      architecture: 'amd64',
      files: {
        '/usr/share/doc/rule-ex-files': { directory: true, mode: 0o2755 },
        '/usr/share/doc/rule-ex-files/copyright': textOf(100, 'copyright'),
        '/usr/share/doc/rule-ex-files/changelog': textOf(100, 'changelog'),
        '/usr/share/doc/rule-ex-files/examples/deep/copyright': 'kept, as a star matches slashes',
        '/usr/share/doc/rule-ex-files/examples/deep/file': 'x',
        '/usr/share/doc/rule-ex-files/empty': { directory: true, mode: 0o700 },
        '/usr/share/doc/rule-ex-files/link': { symlink: 'examples' },
        '/usr/share/locale/rule-fr/LC_MESSAGES/x.mo': 'x',
        '/usr/share/locale/rule-de/LC_MESSAGES/x.mo': 'x',
        '/usr/share/rule-ex/kept': 'x',
        '/usr/share/rule-ex/bat': 'x',
        '/usr/share/rule-ex/dat': 'x',
        '/usr/share/rule-ex/cart': 'x',
        '/usr/share/rule-ex/in/back': 'excluded',
        '/usr/share/rule-ex/in/bock': 'included',
        '/usr/share/rule-ex/out-mine': 'theirs',
        '/usr/share/rule-ex/out-setuid': { content: 'x', mode: 0o4755 },
        '/usr/share/rule-ex/out-fifo': { fifo: true },
        '/usr/share/rule-ex/out-dangling': { symlink: '/nowhere' },
        '/usr/share/rule-ex-there': { directory: true, mode: 0o700 },
        '/usr/share/rule-ex-there/second': 'x',
        '/usr/share/rule-ex-apart': { directory: true },
        '/usr/lib/rule-ex/first': { content: textOf(200), mode: 0o755 },
        '/usr/lib/rule-ex/second': { hardlink: '/usr/lib/rule-ex/first' },
        '/usr/lib/rule-ex-third': { hardlink: '/usr/lib/rule-ex/first' },
        '/etc/rule-ex-in.conf': 'in\n',
        '/etc/rule-ex-out.conf': 'out\n',
      },
      conffiles: ['/etc/rule-ex-in.conf', '/etc/rule-ex-out.conf'],
      md5sums: false,
    },
    {
      name: 'rule-ex-diverted',
      files: {
        '/usr/share/rule-ex-div/by-name': 'excluded, wherever it would go',
        '/usr/share/rule-ex-div/to': 'the name it gets does not count',
      },
    },
    { name: 'rule-ex-triggers', files: { '/usr/share/rule-ex-trigger/x': 'excluded, and yet it triggers' } },
    { name: 'rule-ex-only', files: { '/usr/share/rule-ex/out-only': 'x' }, md5sums: false },
    {
      name: 'rule-ex-old',
      version: '2.0',
      files: {
        '/usr/share/rule-ex/out-old': 'new',
        '/usr/share/rule-ex/out-new': 'new',
        '/usr/share/rule-ex/out-directory/x': 'new',
        '/usr/share/rule-ex/old': 'new',
      },
    },
    { name: 'rule-ex-replaced', files: { '/usr/share/rule-ex/out-both': 'a', '/usr/share/rule-ex/a': 'a' } },
    {
      name: 'rule-ex-replaces',
      depends: ['rule-ex-replaced'],
      replaces: ['rule-ex-replaced'],
      files: { '/usr/share/rule-ex/out-both': 'b', '/usr/share/rule-ex/b': 'b' },
    },
  ],
  packages: [
    'rule-ex-files',
    'rule-ex-diverted',
    'rule-ex-triggers',
    'rule-ex-only',
    'rule-ex-old=2.0',
    'rule-ex-replaces',
  ],
  proofs: [
    'test -f /usr/share/doc/rule-ex-files/copyright && test ! -e /usr/share/doc/rule-ex-files/changelog',
    'test -d /usr/share/doc/rule-ex-files/empty && test ! -e /usr/share/locale/rule-fr',
    'test -f /usr/share/locale/rule-de/LC_MESSAGES/x.mo',
    'test -f /usr/share/rule-ex/dat && test ! -e /usr/share/rule-ex/bat && test -f /usr/share/rule-ex/cart',
    'test -f /usr/share/rule-ex/in/bock && test ! -e /usr/share/rule-ex/in/back',
    'grep -qx mine /usr/share/rule-ex/out-mine && test ! -L /usr/share/rule-ex/out-dangling',
    'test -f /usr/share/rule-ex-there/second && test ! -e /usr/share/rule-ex-apart',
    'test /usr/lib/rule-ex/first -ef /usr/lib/rule-ex-third && test ! -e /usr/lib/rule-ex/second',
    'test -f /etc/rule-ex-in.conf && test ! -e /etc/rule-ex-out.conf',
    'test -f /usr/share/rule-ex-div/elsewhere && test ! -e /usr/share/rule-ex-div/by-name.local',
    marked('rule-ex-waits', 'triggered'),
    'dpkg -L rule-ex-files | grep -qx /usr/share/doc/rule-ex-files/changelog',
    'grep -q dat /var/lib/dpkg/info/rule-ex-files.md5sums && ! grep -q changelog /var/lib/dpkg/info/rule-ex-files.md5sums',
  ],
};

/** With the configuration of `excludeRules`: what dpkg refuses although, or because, it is excluded. */
export const excludeConflicts: readonly ConflictRule[] = [
  {
    name: 'two new packages with one file, which is excluded',
    archive: [
      { name: 'rule-ex-clash-a', files: { '/usr/share/rule-ex-clash': 'a' } },
      { name: 'rule-ex-clash-b', depends: ['rule-ex-clash-a'], files: { '/usr/share/rule-ex-clash': 'b' } },
    ],
    packages: ['rule-ex-clash-b'],
    names: ['rule-ex-clash-a', 'rule-ex-clash-b', '/usr/share/rule-ex-clash'],
  },
  {
    name: 'a hard link to a file that is excluded',
    archive: [
      {
        name: 'rule-ex-source',
        files: {
          '/usr/lib/rule-ex-source/a': 'x',
          '/usr/lib/rule-ex-source/b': { hardlink: '/usr/lib/rule-ex-source/a' },
        },
      },
    ],
    packages: ['rule-ex-source'],
    names: ['rule-ex-source'],
    refusal: /error creating hard link/,
  },
  {
    name: 'a file in a directory that is excluded',
    archive: [{ name: 'rule-ex-apart', files: { '/usr/share/rule-ex-apart/below': 'x' } }],
    packages: ['rule-ex-apart'],
    names: ['rule-ex-apart', '/usr/share/rule-ex-apart/below'],
    refusal: /No such file or directory/,
  },
];
