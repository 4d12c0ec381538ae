import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const PROGRAM = new URL('../../bin/apt-layer', import.meta.url).pathname;
const DUMP = new URL('../golden/composefs/03-inline-sizes.dump', import.meta.url).pathname;
const DIGEST = readFileSync(
  new URL('../golden/composefs/03-inline-sizes.digest', import.meta.url),
  'utf8',
).trim();

const TIMEOUT_MS = 60_000;

interface RunOptions {
  readonly input?: string | Buffer;
  readonly env?: Readonly<Record<string, string>>;
}

function aptLayer(args: readonly string[], options: RunOptions = {}) {
  const { status, stdout, stderr } = spawnSync(PROGRAM, args, {
    input: options.input ?? '',
    env: { PATH: process.env['PATH'], ...options.env },
    maxBuffer: 64 * 1024 * 1024,
    timeout: TIMEOUT_MS,
  });
  return { status, bytes: stdout, stdout: stdout.toString('utf8'), stderr: stderr.toString('utf8') };
}

/** A shell line in which `$APT_LAYER` is the program. */
function shell(line: string) {
  const { status, stdout, stderr } = spawnSync('bash', ['--norc', '-c', line], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: TIMEOUT_MS,
    env: { PATH: process.env['PATH'], APT_LAYER: PROGRAM },
  });
  return { status, stdout, stderr };
}

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'cli-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('what it says about itself', () => {
  it('the version', () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    expect(aptLayer(['--version'])).toMatchObject({
      status: 0,
      stdout: `apt-layer ${version}\n`,
      stderr: '',
    });
    expect(JSON.parse(aptLayer(['--json', '--version']).stdout)).toMatchObject({ version });
  });

  it('the help, in every way to ask for it', () => {
    const page = aptLayer(['help', 'image', 'write']);
    expect(page.status).toBe(0);
    expect(page.stdout).toContain('Usage: apt-layer image write [OPTIONS] [IMAGE]');
    for (const args of [
      ['image', 'write', '--help'],
      ['ostree', 'image', 'write', '-h'],
      ['--help', 'image', 'write'],
    ])
      expect(aptLayer(args).stdout).toBe(page.stdout);
  });

  it('the verbs, with a usage error when none was given', () => {
    const none = aptLayer([]);
    expect(none.status).toBe(2);
    expect(none.stdout).toBe(aptLayer(['help']).stdout);
  });

  it('what is wrong with a command line', () => {
    expect(aptLayer(['imgae', 'dump', 'x'])).toMatchObject({
      status: 2,
      stdout: '',
      stderr: 'error: unknown verb "imgae"\nhint: did you mean `apt-layer image`?\n',
    });
    const { status, stdout } = aptLayer(['image', 'dump', '--json']);
    expect(status).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'USAGE', exitCode: 2 } });
  });

  it('whether this host can do the work', () => {
    const { status, stdout } = aptLayer(['--validate', '--json']);
    const result = JSON.parse(stdout) as { ok: boolean; checks: { name: string; ok: boolean }[] };
    expect(status).toBe(result.ok ? 0 : 4);
    expect(result.checks.map(check => check.name)).toEqual(
      expect.arrayContaining(['node', 'root', 'koffi', 'erofs (kernel)', 'overlay (kernel)', 'bwrap']),
    );
    expect(result.checks.find(check => check.name === 'koffi')?.ok).toBe(true);
  });
});

describe('the sysroot', () => {
  it('is what APT_LAYER_SYSROOT says where no option does', () => {
    const env = { APT_LAYER_SYSROOT: DUMP };
    expect(aptLayer(['status'], { env }).stderr).toContain(DUMP);
    expect(aptLayer(['status'], { env: { APT_LAYER_SYSROOT: directory } })).toMatchObject({ status: 0 });
    expect(aptLayer(['status', '--sysroot', directory], { env })).toMatchObject({ status: 0 });
  });

  const reading = [
    ...['status', 'log', 'diff', 'db list', 'db diff', 'compose explain x', 'kargs', 'override list'],
    ...['image ls', 'etc diff', 'search x', 'bootloader status', 'fsck', 'scripts x', 'mount 0 /mnt'],
    ...['export 0 oci:/tmp/x', 'checkout 0 /tmp/x', 'status --json', 'rollback -n', 'cleanup -n', 'cancel'],
  ];
  it.each(reading)('that is a file is an error and no bug: %s', verb => {
    const { status, stderr, stdout } = aptLayer(['--sysroot', DUMP, ...verb.split(' ')]);
    expect({ status, output: stderr + stdout }).toMatchObject({ status: 1 });
    expect(stderr).toMatch(/^error: /);
    expect(stderr).not.toContain('this is a bug');
  });
});

describe('images', () => {
  it('go from a dump to a file, through pipes, and back', () => {
    const file = join(directory, 'image');
    expect(aptLayer(['image', 'write', '--from-dump', DUMP, file, '--print-digest'])).toMatchObject({
      status: 0,
      stdout: `${DIGEST}\n`,
    });
    const piped = aptLayer(['image', 'write', '--from-dump', '-', '-'], { input: readFileSync(DUMP) });
    expect(piped.bytes.equals(readFileSync(file))).toBe(true);
    const dump = aptLayer(['image', 'dump', '-'], { input: piped.bytes });
    const again = aptLayer(['image', 'write', '--from-dump', '-', '--print-digest'], { input: dump.bytes });
    expect(again.stdout).toBe(`${DIGEST}\n`);
    expect(aptLayer(['ostree', 'image', 'digest', file]).stdout).toBe(`${DIGEST}\n`);
  });

  it('that are damaged are errors with a place, never a crash', () => {
    const broken = aptLayer(['image', 'write', '--from-dump', '-', '--print-digest'], { input: '/ 0 xyz\n' });
    expect(broken).toMatchObject({ status: 6, stdout: '' });
    expect(broken.stderr).toMatch(/^error: .*line 1/m);
  });
});

describe('progress and output', () => {
  it.each([
    ['status --json', 'text'],
    ['image write --from-dump - -', 'bytes'],
    ['help', 'a page'],
  ])('that a full disk has no room for is an error: %s', command => {
    const line = `<${DUMP} $APT_LAYER --sysroot ${directory}/none ${command}`;
    // The same arrives where there is room.
    expect(shell(`${line} >${directory}/there && test -s ${directory}/there`).status).toBe(0);
    const full = shell(`${line} >/dev/full`);
    expect(full.status).toBe(1);
    expect(full.stderr).toMatch(/^error: .*did not arrive whole: ENOSPC/m);
  });

  it('that does not fit whole is an error, however little is missing', () => {
    const lines = Array.from({ length: 3000 }, (_, i) => `/f${i} 0 100644 1 0 0 0 0.0 - - -\n`);
    writeFileSync(join(directory, 'long.dump'), `/ 0 40755 2 0 0 0 0.0 - - -\n${lines.join('')}`);
    aptLayer(['image', 'write', '--from-dump', join(directory, 'long.dump'), join(directory, 'long')]);
    const whole = aptLayer(['image', 'dump', join(directory, 'long')]).bytes.length;
    const run = (blocks: number) =>
      shell(`ulimit -f ${blocks}; trap '' XFSZ; $APT_LAYER image dump ${directory}/long >${directory}/cut`);
    expect(run(Math.ceil(whole / 1024)).status).toBe(0);
    const cut = run(Math.floor(whole / 1024));
    expect(cut).toMatchObject({ status: 1, stderr: expect.stringContaining('EFBIG') as string });
  });

  it('goes to the descriptor that was named', () => {
    const { status, stdout } = shell(
      `exec 4>&1 >/dev/null; $APT_LAYER image write --from-dump ${DUMP} --print-digest --progress-fd 4`,
    );
    expect(status).toBe(0);
    const types = stdout
      .trimEnd()
      .split('\n')
      .map(line => (JSON.parse(line) as { type: string }).type);
    expect(types[0]).toBe('Start');
    expect(types).toContain('ProgressSteps');
  });

  it('never to a descriptor that is not the caller’s', () => {
    for (const fd of [3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 40]) {
      const { status, stderr } = aptLayer(['--progress-fd', String(fd), 'image', 'digest', DUMP]);
      expect({ fd, status }).toEqual({ fd, status: 2 });
      expect(stderr).toContain(`file descriptor ${fd} is not open for writing`);
    }
  });

  it('does not mind a reader that leaves early', () => {
    const lines = Array.from({ length: 5000 }, (_, i) => `/f${i} 0 100644 1 0 0 0 0.0 - - -\n`);
    writeFileSync(join(directory, 'many.dump'), `/ 0 40755 2 0 0 0 0.0 - - -\n${lines.join('')}`);
    aptLayer(['image', 'write', '--from-dump', join(directory, 'many.dump'), join(directory, 'many')]);
    const { stdout, stderr } = shell(
      `$APT_LAYER image dump ${directory}/many | head -n 1; echo "\${PIPESTATUS[0]}"`,
    );
    expect(stdout).toMatch(/^\/ .*\n0\n$/);
    expect(stderr).toBe('');
  });

  it('reaches a slow reader whole', () => {
    const { stdout } = shell(`$APT_LAYER image dump ${directory}/many | (sleep 0.5; wc -l)`);
    expect(stdout.trim()).toBe('5001');
  });

  it('carries priorities for the journal', () => {
    const { stdout } = shell(
      `{ JOURNAL_STREAM=$(stat -Lc %d:%i /proc/self/fd/2) $APT_LAYER image digest ${directory}/none; } 2>&1 | cat`,
    );
    expect(stdout).toContain(`<3>error: ${directory}/none does not exist`);
  });
});

describe('signals', () => {
  /** Starts hashing a stream without end, and resolves once it is under way. */
  async function hashing(): Promise<ChildProcess> {
    const child = spawn(PROGRAM, ['image', 'digest', '/dev/zero'], { stdio: ['ignore', 'pipe', 'pipe'] });
    // Node itself catches SIGINT and SIGTERM from the start, SIGHUP (bit 0) only we do.
    for (;;) {
      const status = readFileSync(`/proc/${child.pid}/status`, 'latin1');
      const caught = BigInt(`0x${/^SigCgt:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`);
      if ((caught & 1n) !== 0n) return child;
      await new Promise(resolve => setTimeout(resolve, 20));
    }
  }
  const ended = (child: ChildProcess) =>
    new Promise<{ code: number | null; stderr: string }>(resolve => {
      let stderr = '';
      child.stderr?.on('data', (chunk: Buffer) => {
        stderr += chunk.toString('utf8');
      });
      child.on('close', code => resolve({ code, stderr }));
    });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s ends the work cleanly with %i', async (name, code) => {
    const child = await hashing();
    const end = ended(child);
    child.kill(name);
    expect(await end).toEqual({ code, stderr: `error: stopped by ${name}; nothing was changed\n` });
  });
});

describe('completion and manual', () => {
  /** What bash offers for a line, of which the last word is being typed. */
  function offered(line: string): string[] {
    const script = `
      source <($APT_LAYER completion bash)
      COMP_WORDS=(${line}); [[ "${line}" == *' ' ]] && COMP_WORDS+=('')
      COMP_CWORD=$(( \${#COMP_WORDS[@]} - 1 ))
      _apt_layer; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return shell(script)
      .stdout.split('\n')
      .filter(word => word !== '');
  }

  it('bash offers verbs, options, choices and files', () => {
    expect(offered('apt-layer im')).toEqual(['image', 'import']);
    expect(offered('apt-layer ostree image w')).toEqual(['write']);
    expect(offered('apt-layer --sysroot /x image di')).toEqual(['digest']);
    expect(offered('apt-layer image write --print')).toEqual(['--print-digest']);
    expect(offered('apt-layer image write --js')).toEqual(['--json']);
    expect(offered('apt-layer image write --digest ')).toEqual(['sha256', 'sha512']);
    expect(offered('apt-layer image write --digest = sha5')).toEqual(['sha512']);
    expect(offered('apt-layer completion ')).toEqual(['bash', 'zsh', 'fish']);
    expect(offered(`apt-layer image digest ${PROGRAM.slice(0, -3)}`)).toEqual([PROGRAM]);
    expect(offered('apt-layer image dump -- --pr')).toEqual([]);
  });

  it('every script is one that its shell can read', () => {
    for (const shellName of ['bash', 'zsh', 'fish']) {
      const { status, stdout } = aptLayer(['completion', shellName]);
      expect(status).toBe(0);
      const path = `/usr/bin/${shellName}`;
      if (existsSync(path)) {
        const script = join(directory, shellName);
        writeFileSync(script, stdout);
        const checked = spawnSync(path, ['-n', script], { encoding: 'utf8' });
        expect({ shellName, stderr: checked.stderr, status: checked.status }).toEqual({
          shellName,
          stderr: '',
          status: 0,
        });
      }
    }
  });

  it('the manual page is clean roff', () => {
    expect(shell('$APT_LAYER man | groff -man -Tutf8 -ww -b >/dev/null')).toMatchObject({
      status: 0,
      stderr: '',
    });
  });
});
