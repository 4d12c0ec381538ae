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

/** Lines behind the control file. */
const added = (name: string, stands: string, lines: string): OddPackage => ({
  name,
  stands,
  control: text => `${text}${lines}`,
});
/** Something in the control file in place of something else. */
const replaced = (name: string, stands: string, from: string, to: string): OddPackage => ({
  name,
  stands,
  control: text => text.replace(from, to),
});
/** One more member of the control archive. */
const member = (name: string, stands: string, one: RawMember): OddPackage => ({
  name,
  stands,
  members: [one],
});
/** A list of conffiles beside /etc/x.conf. */
const conffiles = (name: string, stands: string, body: string): OddPackage => ({
  name,
  stands,
  members: [{ name: './conffiles', body }],
  data: CONFIGURATION,
});
/** Another data archive. */
const holding = (name: string, stands: string, data: readonly RawMember[]): OddPackage => ({
  name,
  stands,
  data,
});
/** Another archive of the two. */
const archive = (name: string, stands: string, deb: OddPackage['deb']): OddPackage => ({
  name,
  stands,
  ...(deb !== undefined && { deb }),
});

/** One concept each. */
export const ODD_PACKAGES: readonly OddPackage[] = [
  { name: 'ok', stands: 'a package that is as it must be' },
  replaced('arch-arm64', 'another architecture than the system has', 'all', 'arm64'),
  replaced('arch-i386', 'a foreign architecture that was not added', 'all', 'i386'),
  replaced('arch-any', 'a wildcard where a package needs an architecture', 'all', 'any'),
  replaced('arch-linux-any', 'a wildcard of one kernel', 'all', 'linux-any'),
  replaced('arch-source', 'a source package under the name of a binary one', 'all', 'source'),
  replaced('arch-amd64', 'an architecture in capitals', 'all', 'AMD64'),
  replaced(
    'arch-foo-bar',
    'an architecture with an underscore, as some tools derive from uname',
    'all',
    'foo_bar',
  ),
  added('ma-same-all', 'Multi-Arch: same of a package for all architectures', 'Multi-Arch: same\n'),
  added('ma-bad', 'a word that Multi-Arch does not know', 'Multi-Arch: maybe\n'),
  added('ess-bad', 'a word that Essential does not know', 'Essential: maybe\n'),
  added('ess-upper', 'a boolean in another case', 'Essential: No\n'),
  added('prot-bad', 'a word that Protected does not know', 'Protected: perhaps\n'),
  added('status-field', 'a stanza copied from the status file', 'Status: install ok installed\n'),
  added('confver', 'Config-Version from the status file', 'Config-Version: 1\n'),
  added('trigpend', 'Triggers-Pending from the status file', 'Triggers-Pending: x\n'),
  added('conffield', 'Conffiles from the status file', 'Conffiles:\n /x abc\n'),
  replaced(
    'nomaint',
    'no maintainer, as small build scripts leave it out',
    'Maintainer: a <a@example.org>\n',
    '',
  ),
  replaced('nodesc', 'no description', 'Description: x\n', ''),
  replaced('noarch', 'no architecture', 'Architecture: all\n', ''),
  replaced('nover', 'no version', 'Version: 1.0\n', ''),
  replaced('emptyver', 'an empty version, from a variable that was not set', 'Version: 1.0', 'Version:'),
  replaced('ver0', 'a version without a digit: a branch name', '1.0', 'abc'),
  replaced('ver1', 'a version with an underscore: a git describe', '1.0', '1.0_1'),
  replaced('ver2', 'an epoch alone', '1.0', '1:'),
  replaced('ver3', 'an empty revision', '1.0', '1.0-'),
  replaced('ver4', 'a version with a v: a git tag', '1.0', 'v1.0'),
  replaced('ver5', 'a version with a blank', '1.0', '1.0 beta'),
  replaced('ver6', 'an underscore in a revision', '1.0', '1.0-rc_1'),
  replaced('ver7', 'epoch 0', '1.0', '0:1.0'),
  replaced('ver8', 'a version with a slash: a branch name', '1.0', '1.0/2'),
  replaced('ver9', 'no upstream version', '1.0', '-1'),
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
  added('dup', 'a field twice', 'Section: a\nSection: b\n'),
  added('onechf', 'a field name of one letter', 'X: y\n'),
  added('nocolon', 'a line without a colon', 'blah\n'),
  added('blank', 'a line of blanks', ' \n'),
  { name: 'leadnl', stands: 'an empty line in front', control: text => `\n${text}` },
  added('two', 'two stanzas', '\nPackage: other\n'),
  { name: 'nonl', stands: 'no newline at the end', control: text => text.trimEnd() },
  { name: 'comment', stands: 'a comment', control: text => `# made by hand\n${text}` },
  { name: 'bom', stands: 'a byte order mark, as Windows editors write it', control: text => `\ufeff${text}` },
  replaced('utf8', 'a description in another script', 'Description: x', 'Description: é'),
  added('depbad', 'a relation without its version: an empty variable', 'Depends: libc6 (>= )\n'),
  added('depbad2', 'a relation without parentheses', 'Depends: libc6 >= 2\n'),
  added('depbad3', 'the obsolete relation >', 'Depends: libc6 (> 2)\n'),
  added('depbad4', 'two commas', 'Depends: libc6,,bash\n'),
  added('depbad5', 'a comma at the end', 'Depends: libc6,\n'),
  added('depempty', 'an empty Depends at the end', 'Depends: \n'),
  replaced(
    'depmiddle',
    'an empty Depends in front of other fields',
    'Architecture',
    'Depends:\nArchitecture',
  ),
  added('lastempty', 'an empty address at the end', 'Homepage:\n'),
  added('depcap', 'an invalid version in a relation', 'Depends: libc6 (>= 2.x_1)\n'),
  added('depany', 'a dependency on any architecture of a package that allows none', 'Depends: libc6:any\n'),
  added('provbad', 'alternatives in Provides', 'Provides: aa | bb\n'),
  added('provver', 'Provides with another relation than =', 'Provides: aa (>= 1)\n'),
  added('repbar', 'alternatives in Replaces', 'Replaces: aa | bb\n'),
  added('prio', 'a priority that nobody knows', 'Priority: whatever really\n'),
  added('isize', 'a size that is no number', 'Installed-Size: many\n'),
  conffiles('cfnonl', 'conffiles without a newline at the end', '/etc/x.conf'),
  conffiles('cfrel', 'a conffile without a slash in front', 'etc/x.conf\n'),
  conffiles('cfblank', 'empty lines in conffiles', '\n/etc/x.conf\n\n'),
  conffiles('cfcrlf', 'conffiles with Windows line endings', '/etc/x.conf\r\n'),
  conffiles('cflead', 'blanks in front of a conffile', '  /etc/x.conf\n'),
  conffiles('cftrail', 'blanks behind a conffile', '/etc/x.conf  \n'),
  conffiles('cfflag', 'a flag of conffiles that nobody knows', 'bogus-flag /etc/x.conf\n'),
  conffiles('cfmiss', 'a conffile that is not in the archive', '/etc/not-there\n'),
  conffiles('cfdir', 'a directory as a conffile', '/etc\n'),
  conffiles('cfrou', 'a conffile that is to be removed, and is shipped', 'remove-on-upgrade /etc/x.conf\n'),
  conffiles('cfdup', 'a conffile twice', '/etc/x.conf\n/etc/x.conf\n'),
  {
    name: 'cflink',
    stands: 'a link as a conffile',
    members: [{ name: './conffiles', body: '/etc/l\n' }],
    data: [...ETC, { name: './etc/l', type: '2', link: 'x' }],
  },
  member('trbad', 'a directive of triggers that nobody knows', {
    name: './triggers',
    body: 'frobnicate x\n',
  }),
  member('trname', 'a trigger without a name', { name: './triggers', body: 'interest \n' }),
  member('trcrlf', 'triggers with Windows line endings', {
    name: './triggers',
    body: 'activate-noawait ldconfig\r\n',
  }),
  member('trslash', 'a trigger that is no path and has a slash', {
    name: './triggers',
    body: 'interest a/b\n',
  }),
  member('trnonl', 'triggers without a newline at the end', {
    name: './triggers',
    body: 'activate-noawait ldconfig',
  }),
  member('trcomment', 'a comment behind a trigger', {
    name: './triggers',
    body: '# first\nactivate-noawait ldconfig # behind\n',
  }),
  holding('nlname', 'a newline in the name of a file', [ROOT, USR, { name: './usr/a\nb', body: 'x' }]),
  holding('abs', 'names with a slash in front', [
    { name: '/', type: '5' },
    { name: '/usr/', type: '5' },
    { name: '/usr/odd-abs', body: 'x' },
  ]),
  holding('dotdot', 'a name with .. that stays inside', [{ name: './usr/../etc/dd', body: 'x' }]),
  holding('dev', 'a device', [ROOT, { name: './dev-x', type: '3' }]),
  holding('hardmiss', 'a hard link to nothing', [ROOT, { name: './hl', type: '1', link: './nothing' }]),
  holding('nodirs', 'no entries for new directories', [{ name: './usr/share/nd/deep/x', body: 'x' }]),
  holding('noroot', 'names without ./', [{ name: 'usr/share/norootx', body: 'x' }]),
  holding('linkbelow', 'a file below a link of the same archive', [
    ROOT,
    { name: './lb/', type: '5' },
    { name: './lb/l', type: '2', link: 'real' },
    { name: './lb/real/', type: '5' },
    { name: './lb/l/f', body: 'x' },
  ]),
  holding('twice', 'a file twice', [ROOT, { name: './tw', body: 'a' }, { name: './tw', body: 'b' }]),
  holding('dirfile', 'a file in place of a directory of the same archive', [
    ROOT,
    { name: './df/', type: '5' },
    { name: './df/x', body: 'a' },
    { name: './df', body: 'b' },
  ]),
  holding('contig', 'a contiguous file', [ROOT, { name: './ct', type: '7', body: 'a' }]),
  holding('empty', 'an archive without entries', []),
  member('postnoexec', 'a script that the archive says to be executable', {
    name: './postinst',
    body: '#!/bin/sh\nexit 0\n',
    mode: 0o644,
  }),
  member('postnobang', 'a script without an interpreter line', {
    name: './postinst',
    body: 'echo hi\n',
    mode: 0o755,
  }),
  member('postempty', 'an empty script', { name: './postinst', body: '', mode: 0o755 }),
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
  member('linkctl', 'a link in the control archive', { name: './templates', type: '2', link: 'control' }),
  member('unknownctl', 'a control member that nobody knows', { name: './weird.name+x', body: 'y' }),
  archive('junk', 'no archive at all', () => Buffer.from('hello')),
  archive('trunc', 'a download that was cut off', parts =>
    rawDeb(parts.control, parts.data).subarray(0, -600),
  ),
  archive('v3', 'a format of the future', parts => withVersion('3.0\n', parts)),
  archive('v21', 'a newer minor format', parts => withVersion('2.1\n', parts)),
  archive('arvercrlf', 'a format version with Windows line endings', parts => withVersion('2.0\r\n', parts)),
  archive('arvernonl', 'a format version without a newline', parts => withVersion('2.0', parts)),
  archive('arslash', 'names of ar members with a slash, as GNU ar writes them', ({ control, data }) =>
    arArchive([
      ['debian-binary/', VERSION],
      ['control.tar/', control],
      ['data.tar/', data],
    ]),
  ),
  archive('arextra', 'signatures beside the members', ({ control, data }) =>
    arArchive([
      ['debian-binary', VERSION],
      ['_gpgbuilder', SIGNATURE],
      ['control.tar', control],
      ['data.tar', data],
      ['_gpgorigin', SIGNATURE],
    ]),
  ),
  archive('ardup', 'data twice', ({ control, data }) =>
    arArchive([
      ['debian-binary', VERSION],
      ['control.tar', control],
      ['data.tar', data],
      ['data.tar', data],
    ]),
  ),
  archive('arorder', 'data before control', ({ control, data }) =>
    arArchive([
      ['debian-binary', VERSION],
      ['data.tar', data],
      ['control.tar', control],
    ]),
  ),
  archive('arnover', 'no format version', ({ control, data }) =>
    arArchive([
      ['control.tar', control],
      ['data.tar', data],
    ]),
  ),
];
