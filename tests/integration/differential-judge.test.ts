import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DifferenceClass } from '../differential/difference.ts';
import { judge } from '../differential/judge.ts';
import { makePlainRoot } from '../differential/plain-root.ts';
import { renderDifferences, renderJudgement } from '../differential/report.ts';
import { copyRoot } from '../support/base.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary.ts';

let work: TemporaryDirectory;
let theirs: string;
let ours: string;

const STATUS = `Package: one
Status: install ok installed
Architecture: all
Conffiles:
 /etc/one.conf 0cc175b9c0f1b6a831c399e269772661

Package: two
Status: install ok installed
Architecture: all
`;

const TEXTS: Readonly<Record<string, string>> = {
  '/etc/passwd': 'root:x:0:0::/root:/bin/sh\nfirst:x:100:101::/:/bin/sh\nsecond:x:101:102::/:/bin/sh\n',
  '/etc/group': 'root:x:0:\nfirst:x:101:\nsecond:x:102:first,root\n',
  '/etc/shadow': 'root:*:20000:0:99999:7:::\n',
  '/usr/bin/tool': 'a program\n',
  '/usr/bin/twin': 'another program\n',
  '/var/lib/dpkg/status': STATUS,
  '/var/lib/dpkg/diversions': '/a\n/a.distrib\none\n/b\n/b.distrib\ntwo\n',
  '/var/lib/dpkg/statoverride': 'root mail 2755 /c\nroot root 600 /d\n',
  '/var/lib/dpkg/triggers/File': '/usr/share/a one\n/usr/share/b two/noawait\n',
  '/var/lib/dpkg/info/one.list': '/.\n/usr\n',
  '/var/lib/dpkg/alternatives/editor': 'auto\n',
  '/var/lib/apt/extended_states':
    'Package: one\nArchitecture: amd64\nAuto-Installed: 1\n\nPackage: two\nArchitecture: amd64\nAuto-Installed: 1\n\n',
  '/var/log/dpkg.log': 'a log\n',
  '/etc/ssh/ssh_host_rsa_key': 'a secret\n',
};

function write(root: string, name: string, text: string): void {
  fs.mkdirSync(`${root}${name.slice(0, name.lastIndexOf('/'))}`, { recursive: true });
  fs.writeFileSync(`${root}${name}`, text);
}

const edit = (name: string, from: string, to: string) => {
  const text = fs.readFileSync(`${ours}${name}`, 'utf8');
  if (!text.includes(from)) throw new Error(`${name} has no ${from}`);
  fs.writeFileSync(`${ours}${name}`, text.replace(from, to));
};

beforeEach(async () => {
  work = temporaryDirectory('judge');
  [theirs, ours] = [work.join('theirs'), work.join('ours')];
  for (const [name, text] of Object.entries(TEXTS)) write(theirs, name, text);
  fs.mkdirSync(`${theirs}/etc/alternatives`);
  fs.symlinkSync('/usr/bin/tool', `${theirs}/etc/alternatives/editor`);
  fs.symlinkSync('tool', `${theirs}/usr/bin/link`);
  fs.linkSync(`${theirs}/usr/bin/tool`, `${theirs}/usr/bin/hard`);
  fs.chownSync(`${theirs}/usr/bin/twin`, 100, 102);
  await copyRoot(theirs, ours);
});
afterEach(() => work[Symbol.asyncDispose]());

describe('what is a difference', () => {
  const cases: readonly (readonly [string, DifferenceClass, string, () => void])[] = [
    ['a file gone', 'missing', '/usr/bin/twin', () => fs.rmSync(`${ours}/usr/bin/twin`)],
    ['a new file', 'extra', '/usr/bin/new', () => write(ours, '/usr/bin/new', 'x')],
    [
      'a file for a link',
      'type',
      '/usr/bin/link',
      () => {
        fs.rmSync(`${ours}/usr/bin/link`);
        write(ours, '/usr/bin/link', 'x');
      },
    ],
    ['one byte', 'content', '/usr/bin/twin', () => edit('/usr/bin/twin', 'another', 'anuther')],
    ['bytes at the end', 'content', '/usr/bin/twin', () => fs.appendFileSync(`${ours}/usr/bin/twin`, 'x')],
    ['set-uid', 'mode', '/usr/bin/twin', () => fs.chmodSync(`${ours}/usr/bin/twin`, 0o4755)],
    ['another account', 'owner', '/usr/bin/twin', () => fs.chownSync(`${ours}/usr/bin/twin`, 101, 102)],
    ['a static number', 'owner', '/usr/bin/twin', () => fs.chownSync(`${ours}/usr/bin/twin`, 8, 102)],
    [
      'a capability',
      'xattrs',
      '/usr/bin/twin',
      () =>
        execFileSync('setfattr', [
          ...['-n', 'security.capability', '-v', '0x0100000200200000000000000000000000000000'],
          `${ours}/usr/bin/twin`,
        ]),
    ],
    [
      'a link that became a copy',
      'hard links',
      '/usr/bin/hard',
      () => {
        fs.rmSync(`${ours}/usr/bin/hard`);
        fs.copyFileSync(`${ours}/usr/bin/tool`, `${ours}/usr/bin/hard`);
      },
    ],
    [
      'the target of a link',
      'symlink target',
      '/usr/bin/link',
      () => {
        fs.rmSync(`${ours}/usr/bin/link`);
        fs.symlinkSync('twin', `${ours}/usr/bin/link`);
      },
    ],
    [
      'a field of a stanza',
      'status',
      '/var/lib/dpkg/status',
      () => edit('/var/lib/dpkg/status', 'install ok installed', 'install ok unpacked'),
    ],
    [
      'a flag of a conffile',
      'conffiles',
      '/var/lib/dpkg/status',
      () => edit('/var/lib/dpkg/status', '772661', '772661 obsolete'),
    ],
    [
      'no list of files',
      'info files',
      '/var/lib/dpkg/info/one.list',
      () => fs.rmSync(`${ours}/var/lib/dpkg/info/one.list`),
    ],
    [
      'the choice of an alternative',
      'alternatives',
      '/var/lib/dpkg/alternatives/editor',
      () => edit('/var/lib/dpkg/alternatives/editor', 'auto', 'manual'),
    ],
    [
      'who diverts',
      'diversions',
      '/var/lib/dpkg/diversions',
      () => edit('/var/lib/dpkg/diversions', 'two', 'one'),
    ],
    [
      'an override',
      'statoverrides',
      '/var/lib/dpkg/statoverride',
      () => edit('/var/lib/dpkg/statoverride', '600', '644'),
    ],
    [
      'an interest',
      'triggers',
      '/var/lib/dpkg/triggers/File',
      () => edit('/var/lib/dpkg/triggers/File', '/noawait', ''),
    ],
    [
      'an automatic package',
      'extended states',
      '/var/lib/apt/extended_states',
      () => edit('/var/lib/apt/extended_states', 'Auto-Installed: 1', 'Auto-Installed: 0'),
    ],
    ['a member of a group', 'accounts', '/etc/group', () => edit('/etc/group', 'first,root', 'first')],
    ['a name', 'accounts', '/etc/passwd', () => edit('/etc/passwd', 'second', 'third')],
    ['a shell', 'accounts', '/etc/passwd', () => edit('/etc/passwd', '/bin/sh', '/bin/ksh')],
    ['a static number', 'accounts', '/etc/passwd', () => edit('/etc/passwd', '0:0', '0:5')],
    [
      'a secret with a mode',
      'mode',
      '/etc/ssh/ssh_host_rsa_key',
      () => fs.chmodSync(`${ours}/etc/ssh/ssh_host_rsa_key`, 0o600),
    ],
  ];

  it.each(cases)('%s: %s at %s', (_what, kind, path, change) => {
    change();
    const { differences } = judge(theirs, ours);
    expect(differences.map(one => [one.class, one.path])).toContainEqual([kind, path]);
    expect(renderDifferences(differences)).toContain(`  ${path}: `);
  });

  it('nothing in a copy; times only when they are asked for', () => {
    fs.utimesSync(`${ours}/usr/bin/twin`, 1, 1);
    expect(judge(theirs, ours)).toMatchObject({ differences: [], explained: new Map() });
    const timed = judge(theirs, ours, { times: true });
    expect(timed.differences.map(one => one.class)).toEqual(['times']);
  });

  it('is found in files of any size, also where only the last byte differs', () => {
    const bytes = Buffer.alloc(3 * 2 ** 20 + 5, 'x');
    fs.writeFileSync(`${theirs}/usr/big`, bytes);
    bytes[bytes.length - 1] = 0;
    fs.writeFileSync(`${ours}/usr/big`, bytes);
    expect(judge(theirs, ours).differences).toMatchObject([{ class: 'content', path: '/usr/big' }]);
  });
});

describe('what is none', () => {
  it('the order of records', () => {
    write(ours, '/var/lib/dpkg/status', STATUS.trimEnd().split('\n\n').reverse().join('\n\n').concat('\n'));
    write(ours, '/var/lib/dpkg/diversions', '/b\n/b.distrib\ntwo\n/a\n/a.distrib\none\n');
    write(ours, '/var/lib/dpkg/statoverride', 'root root 600 /d\nroot mail 2755 /c\n');
    expect(judge(theirs, ours).differences).toEqual([]);
  });

  it('numbers that accounts got in another order, and the day of a locked password', () => {
    edit('/etc/passwd', 'first:x:100:101', 'first:x:101:102');
    edit('/etc/passwd', 'second:x:101:102', 'second:x:100:101');
    write(ours, '/etc/group', 'root:x:0:\nfirst:x:102:\nsecond:x:101:root,first\n');
    edit('/etc/shadow', '20000', '');
    fs.chownSync(`${ours}/usr/bin/twin`, 101, 101);
    const { differences, explained } = judge(theirs, ours);
    expect(differences).toEqual([]);
    expect(explained).toEqual(new Map([['numbers of accounts, by order of configuration', 1]]));
  });

  it('what is volatile or secret and missing; each reason is counted', () => {
    fs.rmSync(`${ours}/var/log/dpkg.log`);
    fs.rmSync(`${ours}/etc/ssh/ssh_host_rsa_key`);
    const judgement = judge(theirs, ours);
    expect(judgement.differences).toEqual([]);
    expect(renderJudgement(judgement)).toMatch(
      /^documented: secrets and empty databases, made on first boot \(1\)\ndocumented: volatile, in no image \(1\)\n0 differences in \d+ entries$/,
    );
  });
});

describe('the layout of an image', () => {
  it('is undone: state, machine directories, /opt and /boot are where Debian has them', () => {
    const plain = work.join('plain');
    for (const [name, text] of [
      ['/var/lib/dpkg/status', 'x'],
      ['/root/.profile', 'x'],
      ['/usr/local/share/man/x', 'x'],
      ['/opt/vendor/bin/tool', 'x'],
      ['/boot/vmlinuz-6.1', 'kernel'],
      ['/boot/grub/unicode.pf2', 'x'],
      ['/usr/lib/modules/6.1/modules.dep', ''],
      ['/etc/shells', 'x'],
    ] as const)
      write(plain, name, text);
    fs.mkdirSync(`${plain}/var/opt`);
    fs.mkdirSync(`${plain}/media`);
    fs.symlinkSync('../etc/shells', `${plain}/root/shells`);
    fs.symlinkSync('../../etc/shells', `${plain}/opt/vendor/shells`);

    const image = work.join('image');
    execFileSync('cp', ['-a', plain, image]);
    execFileSync('sh', [
      '-ec',
      `cd "$1"
mkdir -p usr/lib/sysimage/boot usr/lib/opt
mv var/lib/dpkg usr/lib/sysimage/dpkg; ln -s ../../usr/lib/sysimage/dpkg var/lib/dpkg
mv root var/roothome; ln -s var/roothome root; ln -sfn ../../etc/shells var/roothome/shells
mv usr/local var/usrlocal; ln -s ../var/usrlocal usr/local
rmdir media; ln -s run/media media
mv opt/vendor usr/lib/opt/vendor; rmdir opt; ln -s var/opt opt; ln -s ../../usr/lib/opt/vendor var/opt/vendor
ln -sfn ../../../../etc/shells usr/lib/opt/vendor/shells
mv boot/vmlinuz-6.1 usr/lib/modules/6.1/vmlinuz; ln -s ../../modules/6.1/vmlinuz usr/lib/sysimage/boot/vmlinuz-6.1
mv boot/grub usr/lib/sysimage/boot/grub`,
      'sh',
      image,
    ]);
    expect(judge(plain, image).differences.length).toBeGreaterThan(5);
    makePlainRoot(image);
    expect(renderDifferences(judge(plain, image).differences)).toBe('');
    expect(fs.existsSync(`${image}/usr/lib/sysimage`)).toBe(false);
  });
});
