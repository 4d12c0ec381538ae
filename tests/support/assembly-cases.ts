import fs from 'node:fs';
import type { DebDescription } from './deb.ts';

/** Appends what a script was told to the file `said` of the root; dpkg must run it outside of a root without a shell. */
const SAY =
  'echo "$DPKG_MAINTSCRIPT_PACKAGE:$DPKG_MAINTSCRIPT_ARCH $0 $*" | sed "s, /[^ ]*/, ," >> "$DPKG_ROOT/said"';

/** A system, and packages that are unpacked into it. */
export interface AssemblyCase {
  readonly name: string;
  /** Installed by dpkg before. */
  readonly base?: readonly DebDescription[];
  /** Done to the base after that. */
  readonly prepare?: (root: string) => void;
  readonly packages: readonly DebDescription[];
}

/** Writes a file of a root, and the directories above it. */
export const writeText = (root: string, path: string, text: string) => {
  fs.mkdirSync(`${root}${path.slice(0, path.lastIndexOf('/'))}`, { recursive: true });
  fs.writeFileSync(`${root}${path}`, text);
};

const A_LONG_TEXT = 'a line that makes a file too long to be stored inline\n'.repeat(4);

const scripts = { postinst: SAY };

/** What dpkg and an assembly must do alike, one rule each. */
export const ASSEMBLED: readonly AssemblyCase[] = [
  {
    name: 'files of every type, modes and hard links',
    packages: [
      {
        name: 'plain',
        files: {
          '/usr/bin/tool': { content: A_LONG_TEXT, mode: 0o4755 },
          '/usr/bin/twin': { hardlink: '/usr/bin/tool' },
          '/usr/share/plain/deep/empty': { directory: true, mode: 0o2775, gid: 50 },
          '/usr/share/plain/pipe': { fifo: true, mode: 0o600 },
          '/usr/share/plain/link': { symlink: '../../bin/tool' },
          '/usr/share/plain/owned': { content: 'x', uid: 12345, gid: 23456, mode: 0o640 },
        },
        scripts,
      },
    ],
  },
  {
    name: 'paths through the links of a merged /usr',
    packages: [
      {
        name: 'aliased',
        files: { '/lib/aliased/module': A_LONG_TEXT, '/bin/aliased': 'x', '/usr/bin/other': 'y' },
      },
    ],
  },
  {
    name: 'directories and links that are there already',
    base: [
      {
        name: 'first',
        files: {
          '/srv/shared': { directory: true, mode: 0o700 },
          '/srv/real/x': '1',
          '/srv/link': { symlink: 'real' },
        },
      },
    ],
    packages: [
      {
        name: 'second',
        files: {
          '/srv/shared/file': '2',
          '/srv/link/below': '2',
          '/srv/real': { directory: true, mode: 0o711 },
        },
      },
      {
        name: 'third',
        files: { '/srv/shared': { directory: true, mode: 0o777 }, '/srv/shared2': { symlink: 'real' } },
      },
    ],
  },
  {
    name: 'a symlink over a directory, and over a link to the same directory',
    base: [
      {
        name: 'first',
        files: { '/srv/dir/x': '1', '/srv/to': { symlink: 'dir' }, '/srv/away': { symlink: 'none' } },
      },
    ],
    packages: [
      {
        name: 'second',
        files: {
          '/srv/dir': { symlink: '/nowhere' },
          '/srv/to': { symlink: '../srv/dir' },
        },
      },
    ],
  },
  {
    name: 'something that nobody owns is replaced',
    prepare: root => {
      writeText(root, '/srv/file', 'made by hand');
      writeText(root, '/srv/directory/below', 'made by hand');
      fs.symlinkSync('nowhere', `${root}/srv/dangling`);
    },
    packages: [
      {
        name: 'taker',
        files: { '/srv/file': 'packed', '/srv/directory': 'packed', '/srv/dangling/x': 'packed' },
      },
    ],
  },
  {
    name: 'conffiles, with a flag, and through a link',
    prepare: root => {
      writeText(root, '/etc/elsewhere/linked.conf', 'mine\n');
      fs.symlinkSync('elsewhere/linked.conf', `${root}/etc/linked.conf`);
      writeText(root, '/etc/mine.conf', 'mine\n');
    },
    packages: [
      {
        name: 'configured',
        files: {
          '/etc/a.conf': 'a',
          '/etc/d/b.conf': A_LONG_TEXT,
          '/etc/linked.conf': 'theirs',
          '/etc/mine.conf': 'theirs',
        },
        conffiles: [
          '/etc/a.conf',
          '/etc/d/b.conf',
          '/etc/linked.conf',
          '/etc/mine.conf',
          'remove-on-upgrade /etc/old.conf',
        ],
        scripts,
      },
    ],
  },
  {
    name: 'diversions of packages and of the administrator',
    base: [{ name: 'diverter', files: { '/usr/bin/sh': 'diverted' } }],
    prepare: root =>
      writeText(
        root,
        '/var/lib/dpkg/diversions',
        '/usr/bin/sh\n/usr/bin/sh.distrib\ndiverter\n/srv/local\n/srv/local.aside\n:\n/lib32\n/.lib32.aside\ndiverter\n/bin/literal\n/bin/literal.aside\ndiverter\n',
      ),
    packages: [
      {
        name: 'victim',
        files: {
          '/usr/bin/sh': A_LONG_TEXT,
          '/usr/bin/sh2': { hardlink: '/usr/bin/sh' },
          '/srv/local': 'x',
          '/lib32': { directory: true },
          '/usr/bin/literal': 'the diversion is of another spelling',
          '/bin/plain': 'y',
        },
      },
    ],
  },
  {
    name: 'a conffile that is diverted',
    base: [{ name: 'diverter', files: { '/etc/x.conf': 'mine' } }],
    prepare: root =>
      writeText(root, '/var/lib/dpkg/diversions', '/etc/x.conf\n/etc/x.conf.theirs\ndiverter\n'),
    packages: [{ name: 'victim', files: { '/etc/x.conf': 'theirs' }, conffiles: ['/etc/x.conf'] }],
  },
  {
    name: 'overrides of owner and mode',
    prepare: root =>
      writeText(
        root,
        '/var/lib/dpkg/statoverride',
        'root root 4750 /usr/bin/one\n#77 #88 2711 /srv/kept\n#5 #6 600 /srv/same\n',
      ),
    packages: [
      {
        name: 'overridden',
        files: {
          '/usr/bin/one': 'x',
          '/srv/kept': { directory: true },
          '/srv/kept/x': 'y',
          '/srv/same': 'z',
          '/srv/hard': { hardlink: '/srv/same' },
        },
      },
    ],
  },
  {
    name: 'files that instances for two architectures share',
    base: [],
    packages: [
      {
        name: 'libboth',
        architecture: 'amd64',
        multiArch: 'same',
        files: {
          '/usr/share/both': A_LONG_TEXT,
          '/usr/lib/x86/lib': '1',
          '/etc/both.conf': 'c',
          '/usr/share/tell': { symlink: 'both' },
        },
        conffiles: ['/etc/both.conf'],
        triggers: ['interest /usr/lib/x86', 'activate-noawait word'],
        scripts,
      },
      {
        name: 'libboth',
        architecture: 'i386',
        multiArch: 'same',
        files: {
          '/usr/share/both': A_LONG_TEXT,
          '/usr/lib/i3/lib': '2',
          '/etc/both.conf': 'c',
          '/usr/share/tell': { symlink: 'both' },
        },
        conffiles: ['/etc/both.conf'],
        triggers: ['interest-noawait /usr/lib/i3'],
        scripts,
      },
    ],
  },
  {
    name: 'control members, md5sums that are made, names with dots and dashes',
    packages: [
      {
        name: 'lib++x.y-z',
        version: '2:1.0~rc1-2+b1',
        md5sums: false,
        files: {
          '/usr/lib/y': A_LONG_TEXT,
          '/usr/lib/y2': { hardlink: '/usr/lib/y' },
          '/etc/c': 'c',
          '/usr/lib/l': { symlink: 'y' },
        },
        conffiles: ['/etc/c'],
        control: { templates: 'Template: a/b\nType: note\n', shlibs: 'liby 1 lib++x.y-z\n', 'odd.name': 'x' },
        fields: {
          Homepage: 'https://example.org',
          'Installed-Size': '12',
          'X-Odd': 'kept',
          Essential: 'no',
          Section: 'libs',
          Priority: 'optional',
        },
        scripts: { postinst: SAY, prerm: SAY, postrm: SAY, config: SAY },
      },
      { name: 'empty', files: {}, md5sums: false },
    ],
  },
  {
    name: 'triggers of every kind',
    base: [
      { name: 'waited', triggers: ['interest /usr/share/waited', 'interest word-waited'], scripts },
      {
        name: 'unwaited',
        triggers: [
          'interest-noawait /usr/share/un',
          'interest-noawait word-un',
          'interest-noawait /usr/share/waited',
        ],
        scripts,
      },
      { name: 'exact', triggers: ['interest-noawait /usr/share/exact/file'], scripts },
      { name: 'unhit', triggers: ['interest-noawait /usr/share/unhit', 'interest word-unhit'], scripts },
    ],
    packages: [
      { name: 'a', files: { '/usr/share/waited/deep/file': 'x' }, scripts },
      { name: 'b', files: { '/usr/share/un': { directory: true } }, scripts },
      {
        name: 'c',
        files: { '/usr/share/exact/file': 'x', '/usr/share/unhitch': 'x' },
        triggers: ['activate word-waited'],
        scripts,
      },
      { name: 'd', triggers: ['activate-noawait word-un', 'activate-await word-nobody'], scripts },
      {
        name: 'e',
        triggers: ['interest /usr/share/waited', 'interest-await word-new', 'interest-noawait word-un'],
        scripts,
      },
    ],
  },
  {
    name: 'a file trigger below a diverted path',
    base: [
      { name: 'watch', triggers: ['interest-noawait /srv/to', 'interest-noawait /srv/from'], scripts },
      { name: 'watch-from', triggers: ['interest-noawait /srv/from'], scripts },
    ],
    prepare: root => writeText(root, '/var/lib/dpkg/diversions', '/srv/from\n/srv/to\n:\n'),
    packages: [{ name: 'moved', files: { '/srv/from': 'x' }, scripts }],
  },
  {
    name: 'one replaces files of another, whatever the order',
    packages: [
      { name: 'old', version: '1.0', files: { '/usr/bin/moved': 'old', '/usr/bin/kept': 'old' } },
      { name: 'new', replaces: ['old (<< 2)'], files: { '/usr/bin/moved': 'new' } },
      { name: 'zold', version: '1.0', files: { '/usr/bin/zmoved': 'old', '/usr/bin/zkept': 'old' } },
    ],
  },
  {
    name: 'the one that is replaced comes later',
    packages: [
      { name: 'new', replaces: ['old (<< 2)'], files: { '/usr/bin/moved': 'new' } },
      { name: 'old', version: '1.0', files: { '/usr/bin/moved': 'old', '/usr/bin/kept': 'old' } },
    ],
  },
  {
    name: 'a package that dpkg remembers, but that is not installed',
    prepare: root => {
      for (const member of ['list', 'md5sums']) writeText(root, `/var/lib/dpkg/info/other.${member}`, '');
      writeText(
        root,
        '/var/lib/dpkg/status',
        'Package: known\nStatus: unknown ok not-installed\nArchitecture: amd64\n\nPackage: other\nStatus: install ok installed\nMaintainer: x <x@example.org>\nArchitecture: amd64\nVersion: 1\nDescription: x\n',
      );
    },
    packages: [{ name: 'known', architecture: 'amd64', files: { '/usr/bin/known': 'x' } }],
  },
];

/** What both must refuse. */
export const REFUSED: readonly (AssemblyCase & { readonly message: RegExp })[] = [
  {
    name: 'two packages with one file',
    packages: [
      { name: 'a', files: { '/usr/bin/same': 'a' } },
      { name: 'b', files: { '/usr/bin/same': 'b' } },
    ],
    message: /b \(1\.0\) would overwrite \/usr\/bin\/same of a \(1\.0\)/,
  },
  {
    name: 'a file of the base',
    base: [{ name: 'a', files: { '/usr/bin/same': 'a' } }],
    packages: [{ name: 'b', files: { '/usr/bin/same': 'b' } }],
    message: /b \(1\.0\) would overwrite \/usr\/bin\/same of a \(1\.0\)/,
  },
  {
    name: 'a conffile of another package',
    packages: [
      { name: 'a', files: { '/etc/same': 'a' }, conffiles: ['/etc/same'] },
      { name: 'b', files: { '/etc/same': 'b' }, conffiles: ['/etc/same'] },
    ],
    message: /b \(1\.0\) would overwrite \/etc\/same of a/,
  },
  {
    name: 'a directory of another package',
    base: [{ name: 'a', files: { '/srv/x/y': 'a' } }],
    packages: [{ name: 'b', files: { '/srv/x': 'b' } }],
    message: /would overwrite the directory \/srv\/x of a/,
  },
  {
    name: 'a Replaces whose version does not fit',
    packages: [
      { name: 'a', version: '3.0', files: { '/usr/bin/same': 'a' } },
      { name: 'b', replaces: ['a (<< 2)'], files: { '/usr/bin/same': 'b' } },
    ],
    message: /would overwrite \/usr\/bin\/same/,
  },
  {
    name: 'a shared file with another content',
    packages: [
      { name: 'libx', architecture: 'amd64', multiArch: 'same', files: { '/usr/share/x': 'a' } },
      { name: 'libx', architecture: 'i386', multiArch: 'same', files: { '/usr/share/x': 'b' } },
    ],
    message: /\/usr\/share\/x differs between libx:i386/,
  },
  {
    name: 'a file at the place of a diversion',
    prepare: root => writeText(root, '/var/lib/dpkg/diversions', '/srv/from\n/srv/to\n:\n'),
    packages: [{ name: 'a', files: { '/srv/to': 'x' } }],
    message: /\/srv\/to of a is where \/srv\/from is diverted to/,
  },
];
