import { arArchive, rawDeb } from '../support/raw-deb.ts';
import { type RawMember, rawTar } from '../support/raw-tar.ts';

/** A package that is odd in one way, as tools and people make them. dpkg decides whether it is taken. */
export interface OddPackage {
  /** Of the entry, and of the package but for a prefix. */
  readonly name: string;
  /** What it stands for. */
  readonly stands: string;
  readonly package?: string;
  /** Changes the control file. */
  readonly control?: (text: string) => string;
  /** Further members of the control archive. */
  readonly members?: readonly RawMember[];
  readonly data?: readonly RawMember[];
  /** Makes the archive of its parts. */
  readonly deb?: (parts: { readonly control: Buffer; readonly data: Buffer }) => Buffer;
  /** When what is wrong shows. Default: unpacking. */
  readonly when?: 'configuring';
}

/** The bytes of such a package. */
export function oddDeb({ name, package: own = `odd-${name}`, ...odd }: OddPackage): Buffer {
  const plain = `Package: ${own}\nVersion: 1.0\nArchitecture: all\nMaintainer: a <a@example.org>\nDescription: x\n`;
  const control = rawTar([
    { name: './control', body: odd.control?.(plain) ?? plain },
    ...(odd.members ?? []),
  ]);
  const data = rawTar(odd.data ?? [ROOT, USR, SHARE, { name: `./usr/share/${own}`, body: 'x' }]);
  return odd.deb?.({ control, data }) ?? rawDeb(control, data);
}

const ROOT: RawMember = { name: './', type: '5' };
const USR: RawMember = { name: './usr/', type: '5' };
const SHARE: RawMember = { name: './usr/share/', type: '5' };
const ETC: readonly RawMember[] = [ROOT, { name: './etc/', type: '5' }];
const CONFIGURATION: readonly RawMember[] = [...ETC, { name: './etc/x.conf', body: 'c' }];
const VERSION = Buffer.from('2.0\n');
const SIGNATURE = Buffer.from('a signature');

function withVersion(version: string, { control, data }: { control: Buffer; data: Buffer }): Buffer {
  return arArchive([
    ['debian-binary', Buffer.from(version)],
    ['control.tar', control],
    ['data.tar', data],
  ]);
}

/** One concept each. */
export const ODD_PACKAGES: readonly OddPackage[] = [
  { name: 'ok', stands: 'a package that is as it must be' },
  {
    name: 'arch-arm64',
    stands: 'another architecture than the system has',
    control: text => text.replace('all', 'arm64'),
  },
  {
    name: 'arch-i386',
    stands: 'a foreign architecture that was not added',
    control: text => text.replace('all', 'i386'),
  },
  {
    name: 'arch-any',
    stands: 'a wildcard where a package needs an architecture',
    control: text => text.replace('all', 'any'),
  },
  {
    name: 'arch-linux-any',
    stands: 'a wildcard of one kernel',
    control: text => text.replace('all', 'linux-any'),
  },
  {
    name: 'arch-source',
    stands: 'a source package under the name of a binary one',
    control: text => text.replace('all', 'source'),
  },
  {
    name: 'arch-amd64',
    stands: 'an architecture in capitals',
    control: text => text.replace('all', 'AMD64'),
  },
  {
    name: 'arch-foo-bar',
    stands: 'an architecture with an underscore, as some tools derive from uname',
    control: text => text.replace('all', 'foo_bar'),
  },
  {
    name: 'ma-same-all',
    stands: 'Multi-Arch: same of a package for all architectures',
    control: text => `${text}Multi-Arch: same\n`,
  },
  {
    name: 'ma-bad',
    stands: 'a word that Multi-Arch does not know',
    control: text => `${text}Multi-Arch: maybe\n`,
  },
  {
    name: 'ess-bad',
    stands: 'a word that Essential does not know',
    control: text => `${text}Essential: maybe\n`,
  },
  { name: 'ess-upper', stands: 'a boolean in another case', control: text => `${text}Essential: No\n` },
  {
    name: 'prot-bad',
    stands: 'a word that Protected does not know',
    control: text => `${text}Protected: perhaps\n`,
  },
  {
    name: 'status-field',
    stands: 'a stanza copied from the status file',
    control: text => `${text}Status: install ok installed\n`,
  },
  {
    name: 'confver',
    stands: 'Config-Version from the status file',
    control: text => `${text}Config-Version: 1\n`,
  },
  {
    name: 'trigpend',
    stands: 'Triggers-Pending from the status file',
    control: text => `${text}Triggers-Pending: x\n`,
  },
  {
    name: 'conffield',
    stands: 'Conffiles from the status file',
    control: text => `${text}Conffiles:\n /x abc\n`,
  },
  {
    name: 'nomaint',
    stands: 'no maintainer, as small build scripts leave it out',
    control: text => text.replace('Maintainer: a <a@example.org>\n', ''),
  },
  { name: 'nodesc', stands: 'no description', control: text => text.replace('Description: x\n', '') },
  { name: 'noarch', stands: 'no architecture', control: text => text.replace('Architecture: all\n', '') },
  { name: 'nover', stands: 'no version', control: text => text.replace('Version: 1.0\n', '') },
  {
    name: 'emptyver',
    stands: 'an empty version, from a variable that was not set',
    control: text => text.replace('Version: 1.0', 'Version:'),
  },
  {
    name: 'ver0',
    stands: 'a version without a digit: a branch name',
    control: text => text.replace('1.0', 'abc'),
  },
  {
    name: 'ver1',
    stands: 'a version with an underscore: a git describe',
    control: text => text.replace('1.0', '1.0_1'),
  },
  { name: 'ver2', stands: 'an epoch alone', control: text => text.replace('1.0', '1:') },
  { name: 'ver3', stands: 'an empty revision', control: text => text.replace('1.0', '1.0-') },
  { name: 'ver4', stands: 'a version with a v: a git tag', control: text => text.replace('1.0', 'v1.0') },
  { name: 'ver5', stands: 'a version with a blank', control: text => text.replace('1.0', '1.0 beta') },
  { name: 'ver6', stands: 'an underscore in a revision', control: text => text.replace('1.0', '1.0-rc_1') },
  { name: 'ver7', stands: 'epoch 0', control: text => text.replace('1.0', '0:1.0') },
  {
    name: 'ver8',
    stands: 'a version with a slash: a branch name',
    control: text => text.replace('1.0', '1.0/2'),
  },
  { name: 'ver9', stands: 'no upstream version', control: text => text.replace('1.0', '-1') },
  { name: 'upper', stands: 'a package name in capitals, as electron-builder once made', package: 'Upper' },
  { name: 'under', stands: 'a package name with an underscore', package: 'un_der' },
  { name: 'onechar', stands: 'a package name of one letter', package: 'x' },
  { name: 'dotname', stands: 'a package name that begins with a dot', package: '.dot' },
  { name: 'plusname', stands: 'a package name with a plus sign', package: 'c++lib' },
  {
    name: 'crlf',
    stands: 'a control file with Windows line endings',
    control: text => text.replaceAll('\n', '\r\n'),
  },
  { name: 'dup', stands: 'a field twice', control: text => `${text}Section: a\nSection: b\n` },
  { name: 'onechf', stands: 'a field name of one letter', control: text => `${text}X: y\n` },
  { name: 'nocolon', stands: 'a line without a colon', control: text => `${text}blah\n` },
  { name: 'blank', stands: 'a line of blanks', control: text => `${text} \n` },
  { name: 'leadnl', stands: 'an empty line in front', control: text => `\n${text}` },
  { name: 'two', stands: 'two stanzas', control: text => `${text}\nPackage: other\n` },
  { name: 'nonl', stands: 'no newline at the end', control: text => text.trimEnd() },
  { name: 'comment', stands: 'a comment', control: text => `# made by hand\n${text}` },
  { name: 'bom', stands: 'a byte order mark, as Windows editors write it', control: text => `\ufeff${text}` },
  {
    name: 'utf8',
    stands: 'a description in another script',
    control: text => text.replace('Description: x', 'Description: é'),
  },
  {
    name: 'depbad',
    stands: 'a relation without its version: an empty variable',
    control: text => `${text}Depends: libc6 (>= )\n`,
  },
  {
    name: 'depbad2',
    stands: 'a relation without parentheses',
    control: text => `${text}Depends: libc6 >= 2\n`,
  },
  { name: 'depbad3', stands: 'the obsolete relation >', control: text => `${text}Depends: libc6 (> 2)\n` },
  { name: 'depbad4', stands: 'two commas', control: text => `${text}Depends: libc6,,bash\n` },
  { name: 'depbad5', stands: 'a comma at the end', control: text => `${text}Depends: libc6,\n` },
  { name: 'depempty', stands: 'an empty Depends', control: text => `${text}Depends: \n` },
  {
    name: 'depcap',
    stands: 'an invalid version in a relation',
    control: text => `${text}Depends: libc6 (>= 2.x_1)\n`,
  },
  {
    name: 'depany',
    stands: 'a dependency on any architecture of a package that allows none',
    control: text => `${text}Depends: libc6:any\n`,
  },
  { name: 'provbad', stands: 'alternatives in Provides', control: text => `${text}Provides: aa | bb\n` },
  {
    name: 'provver',
    stands: 'Provides with another relation than =',
    control: text => `${text}Provides: aa (>= 1)\n`,
  },
  { name: 'repbar', stands: 'alternatives in Replaces', control: text => `${text}Replaces: aa | bb\n` },
  {
    name: 'prio',
    stands: 'a priority that nobody knows',
    control: text => `${text}Priority: whatever really\n`,
  },
  { name: 'isize', stands: 'a size that is no number', control: text => `${text}Installed-Size: many\n` },
  {
    name: 'cfnonl',
    stands: 'conffiles without a newline at the end',
    members: [{ name: './conffiles', body: '/etc/x.conf' }],
    data: CONFIGURATION,
  },
  {
    name: 'cfrel',
    stands: 'a conffile without a slash in front',
    members: [{ name: './conffiles', body: 'etc/x.conf\n' }],
    data: CONFIGURATION,
  },
  {
    name: 'cfblank',
    stands: 'empty lines in conffiles',
    members: [{ name: './conffiles', body: '\n/etc/x.conf\n\n' }],
    data: CONFIGURATION,
  },
  {
    name: 'cfcrlf',
    stands: 'conffiles with Windows line endings',
    members: [{ name: './conffiles', body: '/etc/x.conf\r\n' }],
    data: CONFIGURATION,
  },
  {
    name: 'cflead',
    stands: 'blanks in front of a conffile',
    members: [{ name: './conffiles', body: '  /etc/x.conf\n' }],
    data: CONFIGURATION,
  },
  {
    name: 'cftrail',
    stands: 'blanks behind a conffile',
    members: [{ name: './conffiles', body: '/etc/x.conf  \n' }],
    data: CONFIGURATION,
  },
  {
    name: 'cfflag',
    stands: 'a flag of conffiles that nobody knows',
    members: [{ name: './conffiles', body: 'bogus-flag /etc/x.conf\n' }],
    data: CONFIGURATION,
  },
  {
    name: 'cfmiss',
    stands: 'a conffile that is not in the archive',
    members: [{ name: './conffiles', body: '/etc/not-there\n' }],
    data: CONFIGURATION,
  },
  {
    name: 'cfdir',
    stands: 'a directory as a conffile',
    members: [{ name: './conffiles', body: '/etc\n' }],
    data: CONFIGURATION,
  },
  {
    name: 'cfrou',
    stands: 'a conffile that is to be removed, and is shipped',
    members: [{ name: './conffiles', body: 'remove-on-upgrade /etc/x.conf\n' }],
    data: CONFIGURATION,
  },
  {
    name: 'cfdup',
    stands: 'a conffile twice',
    members: [{ name: './conffiles', body: '/etc/x.conf\n/etc/x.conf\n' }],
    data: CONFIGURATION,
  },
  {
    name: 'cflink',
    stands: 'a link as a conffile',
    members: [{ name: './conffiles', body: '/etc/l\n' }],
    data: [...ETC, { name: './etc/l', type: '2', link: 'x' }],
  },
  {
    name: 'trbad',
    stands: 'a directive of triggers that nobody knows',
    members: [{ name: './triggers', body: 'frobnicate x\n' }],
  },
  {
    name: 'trname',
    stands: 'a trigger without a name',
    members: [{ name: './triggers', body: 'interest \n' }],
  },
  {
    name: 'trcrlf',
    stands: 'triggers with Windows line endings',
    members: [{ name: './triggers', body: 'activate-noawait ldconfig\r\n' }],
  },
  {
    name: 'trslash',
    stands: 'a trigger that is no path and has a slash',
    members: [{ name: './triggers', body: 'interest a/b\n' }],
  },
  {
    name: 'trnonl',
    stands: 'triggers without a newline at the end',
    members: [{ name: './triggers', body: 'activate-noawait ldconfig' }],
  },
  {
    name: 'trcomment',
    stands: 'a comment behind a trigger',
    members: [{ name: './triggers', body: '# first\nactivate-noawait ldconfig # behind\n' }],
  },
  {
    name: 'nlname',
    stands: 'a newline in the name of a file',
    data: [ROOT, USR, { name: './usr/a\nb', body: 'x' }],
  },
  {
    name: 'abs',
    stands: 'names with a slash in front',
    data: [
      { name: '/', type: '5' },
      { name: '/usr/', type: '5' },
      { name: '/usr/odd-abs', body: 'x' },
    ],
  },
  {
    name: 'dotdot',
    stands: 'a name with .. that stays inside',
    data: [{ name: './usr/../etc/dd', body: 'x' }],
  },
  { name: 'dev', stands: 'a device', data: [ROOT, { name: './dev-x', type: '3' }] },
  {
    name: 'hardmiss',
    stands: 'a hard link to nothing',
    data: [ROOT, { name: './hl', type: '1', link: './nothing' }],
  },
  {
    name: 'nodirs',
    stands: 'no entries for new directories',
    data: [{ name: './usr/share/nd/deep/x', body: 'x' }],
  },
  { name: 'noroot', stands: 'names without ./', data: [{ name: 'usr/share/norootx', body: 'x' }] },
  {
    name: 'linkbelow',
    stands: 'a file below a link of the same archive',
    data: [
      ROOT,
      { name: './lb/', type: '5' },
      { name: './lb/l', type: '2', link: 'real' },
      { name: './lb/real/', type: '5' },
      { name: './lb/l/f', body: 'x' },
    ],
  },
  {
    name: 'twice',
    stands: 'a file twice',
    data: [ROOT, { name: './tw', body: 'a' }, { name: './tw', body: 'b' }],
  },
  {
    name: 'dirfile',
    stands: 'a file in place of a directory of the same archive',
    data: [ROOT, { name: './df/', type: '5' }, { name: './df/x', body: 'a' }, { name: './df', body: 'b' }],
  },
  { name: 'contig', stands: 'a contiguous file', data: [ROOT, { name: './ct', type: '7', body: 'a' }] },
  { name: 'empty', stands: 'an archive without entries', data: [] },
  {
    name: 'postnoexec',
    stands: 'a script that the archive says to be executable',
    members: [{ name: './postinst', body: '#!/bin/sh\nexit 0\n', mode: 0o644 }],
  },
  {
    name: 'postnobang',
    stands: 'a script without an interpreter line',
    members: [{ name: './postinst', body: 'echo hi\n', mode: 0o755 }],
  },
  { name: 'postempty', stands: 'an empty script', members: [{ name: './postinst', body: '', mode: 0o755 }] },
  {
    name: 'postcrlf',
    stands: 'a script with Windows line endings',
    members: [{ name: './postinst', body: '#!/bin/sh\r\nexit 0\r\n', mode: 0o755 }],
    when: 'configuring',
  },
  {
    name: 'postinterp',
    stands: 'an interpreter that is not there',
    members: [{ name: './postinst', body: '#!/no/such\n', mode: 0o755 }],
    when: 'configuring',
  },
  {
    name: 'subdirctl',
    stands: 'a directory in the control archive',
    members: [
      { name: './sub/', type: '5' },
      { name: './sub/x', body: 'y' },
    ],
  },
  {
    name: 'linkctl',
    stands: 'a link in the control archive',
    members: [{ name: './templates', type: '2', link: 'control' }],
  },
  {
    name: 'unknownctl',
    stands: 'a control member that nobody knows',
    members: [{ name: './weird.name+x', body: 'y' }],
  },
  { name: 'junk', stands: 'no archive at all', deb: () => Buffer.from('hello') },
  {
    name: 'trunc',
    stands: 'a download that was cut off',
    deb: parts => rawDeb(parts.control, parts.data).subarray(0, -600),
  },
  { name: 'v3', stands: 'a format of the future', deb: parts => withVersion('3.0\n', parts) },
  { name: 'v21', stands: 'a newer minor format', deb: parts => withVersion('2.1\n', parts) },
  {
    name: 'arvercrlf',
    stands: 'a format version with Windows line endings',
    deb: parts => withVersion('2.0\r\n', parts),
  },
  {
    name: 'arvernonl',
    stands: 'a format version without a newline',
    deb: parts => withVersion('2.0', parts),
  },
  {
    name: 'arslash',
    stands: 'names of ar members with a slash, as GNU ar writes them',
    deb: ({ control, data }) =>
      arArchive([
        ['debian-binary/', VERSION],
        ['control.tar/', control],
        ['data.tar/', data],
      ]),
  },
  {
    name: 'arextra',
    stands: 'signatures beside the members',
    deb: ({ control, data }) =>
      arArchive([
        ['debian-binary', VERSION],
        ['_gpgbuilder', SIGNATURE],
        ['control.tar', control],
        ['data.tar', data],
        ['_gpgorigin', SIGNATURE],
      ]),
  },
  {
    name: 'ardup',
    stands: 'data twice',
    deb: ({ control, data }) =>
      arArchive([
        ['debian-binary', VERSION],
        ['control.tar', control],
        ['data.tar', data],
        ['data.tar', data],
      ]),
  },
  {
    name: 'arorder',
    stands: 'data before control',
    deb: ({ control, data }) =>
      arArchive([
        ['debian-binary', VERSION],
        ['data.tar', data],
        ['control.tar', control],
      ]),
  },
  {
    name: 'arnover',
    stands: 'no format version',
    deb: ({ control, data }) =>
      arArchive([
        ['control.tar', control],
        ['data.tar', data],
      ]),
  },
];
