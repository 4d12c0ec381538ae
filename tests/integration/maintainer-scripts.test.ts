import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Archive, archive } from '../support/archive.ts';
import { execute, must } from '../support/command.ts';
import { aptLayerConfigured } from '../support/configured.ts';
import type { DebDescription } from '../support/deb.ts';
import { aptLayer, aptLayerMust, startAptLayer } from '../support/program.ts';
import { type LocalSystem, localSystem, stateOf } from '../support/system.ts';

const HOST_MARK = '/var/tmp/apt-layer-escaped';
/** What a script does that hangs: found by it in the list of processes. */
const HANGING = 'sleep 27182818';
/** Connects to the address that is its argument. */
const CONNECT = 'exit(IO::Socket::INET->new(PeerAddr=>$ARGV[0],Timeout=>5) ? 0 : 9)';

const file = (name: string) => ({ [`/usr/share/${name}/file`]: name.repeat(50) });

/** The first loop device, which root may open in containers that have no disk of their own, too. */
const LOOP = 'b 7 0';

/** Package name to the body of its postinst. */
const SCRIPTS: Readonly<Record<string, string>> = {
  'fails-loudly': 'echo the disk of dreams is missing >&2; exit 1',
  'talks-much':
    'i=0; while [ $i -lt 20000 ]; do echo "line $i of many"; i=$((i+1)); done; echo the very end; exit 3',
  hangs: `echo hanging now; ${HANGING}`,
  'deletes-all': 'rm -rf --no-preserve-root / 2>/dev/null; exit 0',
  'leaves-a-daemon': `nohup sh -c 'while sleep 1; do date > ${HOST_MARK}; done' >/dev/null 2>&1 &\necho "$!" >/var/lib/daemon-started`,
  'writes-outside': [
    // Each is tried, whatever became of the one before.
    'set +e',
    'echo BEGAN',
    `mkdir -p /proc/1/root${HOST_MARK}.d 2>/dev/null; echo x > /proc/1/root${HOST_MARK} 2>/dev/null || true`,
    'echo 1 > /proc/sys/vm/swappiness',
    `mknod /disk ${LOOP} && echo MADE && head -c1 /disk >/dev/null 2>&1 && echo DISK-READ`,
    // What was written is read back: in the copy that it has.
    'echo "TRIED $(cat /proc/sys/vm/swappiness)"',
    'mount -t tmpfs none /mnt 2>/dev/null && echo MOUNTED',
    'rm -f /disk; kill -9 -1 2>/dev/null; true',
  ].join('\n'),
  'takes-memory': `perl -e 'push @kept, "x" x (1 << 20) . $_ for 1 .. 600'`,
  // Only what says that it could not connect is right, and not a perl that has no sockets.
  'wants-network': `perl -MIO::Socket::INET -e '${CONNECT}' PROXY || code=$?; [ "$code" = 9 ]`,
};

/** Packages that are more than a postinst. */
const OTHERS: readonly DebDescription[] = [
  { name: 'fails-early', scripts: { preinst: 'echo early words >&2; exit 7' } },
  { name: 'runs-apt', scripts: { postinst: 'apt-get install -y fails-early' } },
  { name: 'windows-script', scripts: { postinst: '#!/bin/sh\r\necho hello\r\n' } },
  {
    name: 'spoils-own',
    files: { '/usr/share/spoils-own/thing': 'x'.repeat(100) },
    scripts: { postinst: 'd=/usr/share; echo x >"$d/spoils-""own/th""ing"' },
  },
  { name: 'locker', files: { '/var/lock/locker/a': 'a', ...file('locker') } },
  {
    name: 'opt-owner',
    files: { '/opt/opt-owner/data': { directory: true }, '/opt/opt-owner/data/x': 'x' },
    scripts: { postinst: 'chown -R daemon:daemon /opt/opt-owner/data; chmod 0750 /opt/opt-owner/data' },
  },
];

let repository: Archive;
let system: LocalSystem;
let sysroot: string;
let before: string;
let mounts: string;

const address = () => repository.url.replace(/^http:\/\//, '').replace(/\/.*/, '');

beforeAll(async () => {
  repository = await archive([]);
  await repository.publish([
    ...OTHERS,
    ...Object.entries(SCRIPTS).map(([name, postinst]) => ({
      name,
      files: file(name),
      scripts: { postinst: postinst.replace('PROXY', address()) },
    })),
  ]);
  system = await localSystem(repository);
  sysroot = await system.copy('scripts');
});
afterAll(async () => {
  await system[Symbol.asyncDispose]();
  await repository[Symbol.asyncDispose]();
});
beforeEach(() => {
  before = stateOf(sysroot);
  mounts = fs.readFileSync('/proc/mounts', 'utf8');
});
afterEach(() => {
  expect(fs.readFileSync('/proc/mounts', 'utf8')).toBe(mounts);
  expect(fs.existsSync(HOST_MARK)).toBe(false);
  expect(fs.existsSync(`${HOST_MARK}.d`)).toBe(false);
});

const layer = (name: string) => aptLayer(sysroot, ['layer', name]);

describe('a script that fails', () => {
  it('stops the change, and is named with its last words and the log', async () => {
    const result = await layer('fails-loudly');
    expect(result.code).toBe(5);
    expect(result.stderr).toContain('fails-loudly');
    expect(result.stderr).toContain('the disk of dreams is missing');
    const log = /(\/\S+\/log)\b/.exec(result.stderr)?.[1] ?? '';
    expect(fs.readFileSync(log, 'utf8')).toContain('the disk of dreams is missing');
    expect(stateOf(sysroot)).toBe(before);
    expect((await aptLayer(sysroot, ['fsck'])).code).toBe(0);
  });

  it.each([
    [
      'fails-early',
      5,
      'the preinst script of fails-early failed with exit code 7',
      'early words',
      'leave fails-early out',
    ],
    [
      'runs-apt',
      5,
      'the postinst script of runs-apt failed with exit code',
      'lock',
      'name them in Depends of runs-apt',
    ],
    ['windows-script', 6, 'its postinst script has Windows line endings', 'windows-script', 'hint: '],
  ])('%s is named with what it says and what to do', async (name, code, message, words, hint) => {
    const result = await layer(name);
    expect(result.code).toBe(code);
    for (const text of [message, words, hint]) expect(result.stderr).toContain(text);
    expect(result.stderr).not.toMatch(/nsenter|caused by/);
    expect(stateOf(sysroot)).toBe(before);
  });

  it('may say much: the log has all of it, the message the end', async () => {
    const result = await layer('talks-much');
    expect(result.code).toBe(5);
    expect(result.stderr).toContain('the very end');
    expect(result.stderr.length).toBeLessThan(20_000);
    const log = /(\/\S+\/log)\b/.exec(result.stderr)?.[1] ?? '';
    expect(fs.readFileSync(log, 'utf8')).toContain('line 17 of many');
  });
});

it('a script that hangs ends with Ctrl-C, and nothing is changed', async () => {
  await using running = startAptLayer(sysroot, ['layer', 'hangs']);
  await running.waitFor(/configure/);
  const processes = () => execFileSync('ps', ['-eo', 'args']).toString();
  await expect.poll(processes, { timeout: 120_000 }).toContain(HANGING);
  running.killAlone('SIGINT');
  const result = await running.ended;
  expect(result.code).toBe(130);
  expect(stateOf(sysroot)).toBe(before);
  expect(processes()).not.toContain(HANGING);
  expect((await aptLayer(sysroot, ['status'])).code).toBe(0);
});

describe('a script that runs into a limit of the configuration', () => {
  it('is named with it, when it hangs', async () => {
    const result = await aptLayerConfigured('script-idle-time: 2s\n', sysroot, ['layer', 'hangs']);
    expect(result.code).toBe(5);
    expect(result.stderr).toContain(
      `the postinst script of hangs: it said nothing and used no processor for 2 seconds, and was ended while it ran \`${HANGING}\``,
    );
    expect(result.stderr).toContain('`script-idle-time` in /etc/apt-layer/apt-layer.conf sets the limit');
    expect(stateOf(sysroot)).toBe(before);
    expect(execFileSync('ps', ['-eo', 'args']).toString()).not.toContain(HANGING);
  });

  it('is named with it, when it takes too much memory', async () => {
    const result = await aptLayerConfigured('script-memory: 192M\n', sysroot, ['layer', 'takes-memory']);
    expect(result.code).toBe(5);
    expect(result.stderr).toContain('takes-memory');
    expect(result.stderr).toContain(
      'the kernel ended a process for want of memory: all together may take 192 MiB',
    );
    expect(result.stderr).toContain('`script-memory` in /etc/apt-layer/apt-layer.conf sets the limit');
    expect(stateOf(sysroot)).toBe(before);
  });

  it('a mistake in it is said, and nothing is changed', async () => {
    const result = await aptLayerConfigured('script-memory: much\n', sysroot, ['layer', 'takes-memory']);
    expect(result.code).toBe(3);
    expect(result.stderr).toContain('script-memory is "much"');
    expect((await aptLayerConfigured('script-memory: much\n', sysroot, ['status'])).code).toBe(0);
    expect(stateOf(sysroot)).toBe(before);
  });
});

describe('a script that misbehaves leaves the host alone', () => {
  it('when it deletes everything', async () => {
    const result = await layer('deletes-all');
    // dpkg itself is gone by then.
    expect(result.code).toBe(5);
    expect(stateOf(sysroot)).toBe(before);
    expect(fs.existsSync('/usr/bin/dpkg')).toBe(true);
    expect((await aptLayer(sysroot, ['fsck'])).code).toBe(0);
  });

  it('when it leaves a daemon behind', async () => {
    await aptLayerMust(sysroot, ['layer', 'leaves-a-daemon']);
    const started = await aptLayerMust(sysroot, ['run', '--', 'cat', '/var/lib/daemon-started']);
    expect(started.stdout).toMatch(/^\d+\n$/);
    expect(execFileSync('ps', ['-eo', 'args']).toString()).not.toContain(HOST_MARK);
  });

  it('when it writes to the kernel, disks, mounts and other processes', async () => {
    const swappiness = fs.readFileSync('/proc/sys/vm/swappiness', 'utf8');
    // Root outside may, so that it means something that the script may not.
    const node = system.directory.join('disk');
    await must('mknod', [node, ...LOOP.split(' ')]);
    await must('head', ['-c1', node]);
    const result = await layer('writes-outside');
    expect(fs.readFileSync('/proc/sys/vm/swappiness', 'utf8')).toBe(swappiness);
    const transactions = fs.readdirSync(`${sysroot}/state/transactions`).sort();
    const log = fs.readFileSync(`${sysroot}/state/transactions/${transactions.at(-1)}/log`, 'utf8');
    expect(log).toMatch(/BEGAN[\s\S]*MADE[\s\S]*TRIED 1\n/);
    expect(log).not.toMatch(/DISK-READ|MOUNTED/);
    // kill -9 -1 takes dpkg along.
    expect(result.code).toBe(5);
    expect(result.stderr).toContain('writes-outside');
  });

  it('and it has no network', async () => {
    // The same finds it from outside.
    const args = ['-MIO::Socket::INET', '-e', CONNECT, address()];
    expect((await execute('perl', args)).code).toBe(0);
    await aptLayerMust(sysroot, ['layer', 'wants-network']);
  });
});

describe('what a package has in odd places', () => {
  it('a directory below /var/lock, which leads to a directory that is there at run time', async () => {
    const locked = await system.copy('scripts-lock');
    await aptLayerMust(locked, ['layer', 'locker']);
    const { stdout } = await aptLayerMust(locked, ['run', '--', 'dpkg', '--verify', 'locker']);
    expect(stdout).not.toContain('/usr/share');
    expect((await aptLayerMust(locked, ['run', '--', 'cat', '/usr/share/locker/file'])).stdout).toMatch(
      /^locker/,
    );
  });

  it('a directory below /opt that its script gives to another user, also when strict', async () => {
    const owned = await system.copy('scripts-opt');
    const { stderr } = await aptLayerMust(owned, ['layer-scripts', 'opt-owner', 'strict']);
    expect(stderr).not.toContain('not as it was shipped');
    const { stdout } = await aptLayerMust(owned, [
      'run',
      '--',
      'stat',
      '-Lc',
      '%U %a',
      '/opt/opt-owner/data',
    ]);
    expect(stdout).toBe('daemon 750\n');
  });

  it('a file of its own that its script spoils: it is named once', async () => {
    const { code, stderr } = await aptLayer(sysroot, ['layer-scripts', 'spoils-own', 'strict']);
    expect(code).toBe(5);
    expect(stderr).toContain('/usr/share/spoils-own/thing of spoils-own is not as it was shipped (content)');
    expect(stderr).toContain('hint: leave spoils-own out, or');
  });
});
