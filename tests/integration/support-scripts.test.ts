import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { execute, type Result } from '../support/command.ts';
import { CHECKOUT } from '../support/places.ts';
import { temporaryDirectory } from '../support/temporary.ts';

interface ScriptRun {
  /** Bodies of shell scripts that are first in the path, by name. */
  readonly programs: Readonly<Record<string, string>>;
  /** When the last `npm ci` was, as modification time; 0 is before the lock file changed. */
  readonly installedAt?: number;
}

const LOCK_CHANGED_AT = 1000;

/** Runs a script in a checkout that has nothing but it. */
async function runScript(script: string, args: readonly string[], run: ScriptRun): Promise<Result> {
  await using work = temporaryDirectory('scripts');
  const write = (name: string, text: string, mode = 0o644) => {
    fs.mkdirSync(path.dirname(work.join(name)), { recursive: true });
    fs.writeFileSync(work.join(name), text, { mode });
  };
  for (const [name, body] of Object.entries(run.programs))
    write(`bin/${name}`, `#!/bin/sh\n${body}\n`, 0o755);
  write(`checkout/${script}`, fs.readFileSync(path.join(CHECKOUT, script), 'utf8'));
  write('checkout/package-lock.json', '{}');
  write('checkout/node_modules/.package-lock.json', '{}');
  fs.utimesSync(work.join('checkout/package-lock.json'), LOCK_CHANGED_AT, LOCK_CHANGED_AT);
  const installedAt = run.installedAt ?? LOCK_CHANGED_AT;
  fs.utimesSync(work.join('checkout/node_modules/.package-lock.json'), installedAt, installedAt);
  const env = { PATH: `${work.join('bin')}:${process.env['PATH']}` };
  return await execute('bash', [work.join('checkout', script), ...args], { env });
}

describe('.ci/run', () => {
  const cases: [string, string, number, string][] = [
    [
      'passes a good run through',
      'echo; echo "7 passed, 0 failed, 1 skipped"',
      0,
      '7 passed, 0 failed, 1 skipped',
    ],
    [
      'repeats the closing line after what npm says of a failure',
      'echo "6 passed, 1 failed, 0 skipped"; echo npm error >&2; exit 1',
      1,
      '6 passed, 1 failed, 0 skipped',
    ],
    [
      'counts a failed set-up as a failure',
      'echo "setup: no network"; exit 4',
      4,
      '0 passed, 1 failed, 0 skipped',
    ],
  ];
  it.each(cases)('%s', async (_, npm, code, last) => {
    const result = await runScript('.ci/run', [], {
      programs: { npm: `test "$*" = test || exit 9\n${npm}` },
    });
    expect(result.code).toBe(code);
    const lines = result.stdout.trimEnd().split('\n');
    expect(lines.at(-1)).toBe(last);
    expect(lines.filter(line => line === last)).toHaveLength(npm.includes('npm error') ? 2 : 1);
  });
});

describe('scripts/setup.sh', () => {
  // Says that everything is installed, or that `fsverity` is not.
  const dpkgQuery = (left: string) =>
    `shift 3\nfor p; do [ "$p" = "${left}" ] || echo "installed $p"; done${left === '' ? '' : '; exit 1'}`;
  const quiet = { 'dpkg-query': dpkgQuery(''), npm: 'echo "npm $*"', 'apt-get': 'echo "apt-get $*"; exit 1' };

  it('only builds on a machine that has everything', async () => {
    const result = await runScript('scripts/setup.sh', ['test'], { programs: quiet });
    expect(result).toMatchObject({ code: 0, stdout: 'npm run --silent build\n', stderr: '' });
  });

  it('runs npm ci, quietly, when the lock file is newer than what is installed', async () => {
    const result = await runScript('scripts/setup.sh', ['test'], { programs: quiet, installedAt: 0 });
    expect(result.stdout).toBe('setup: installing npm packages\nnpm run --silent build\n');
    const programs = { ...quiet, npm: 'echo "npm error"; exit 1' };
    const failed = await runScript('scripts/setup.sh', ['test'], { programs, installedAt: 0 });
    expect(failed).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^npm error\nsetup: npm ci failed/),
    });
  });

  it('installs only what is missing, quietly', async () => {
    const programs = { ...quiet, 'dpkg-query': dpkgQuery('fsverity'), 'apt-get': 'echo noise' };
    const result = await runScript('scripts/setup.sh', ['test'], { programs });
    expect(result.stdout).toBe('setup: installing fsverity\nnpm run --silent build\n');
  });

  it('shows what apt-get said when it fails', async () => {
    const programs = { ...quiet, 'dpkg-query': dpkgQuery('fsverity'), 'apt-get': 'echo "E: $*"; exit 100' };
    const result = await runScript('scripts/setup.sh', ['test'], { programs });
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(/^E: .*(update|install .*fsverity)/m);
    expect(result.stderr).toMatch(/^setup: /m);
    expect(result.stderr).toMatch(/^hint: /m);
  });

  it('does not ask for the packages of the tests to run the program', async () => {
    const programs = { ...quiet, 'dpkg-query': dpkgQuery('fsverity') };
    expect((await runScript('scripts/setup.sh', [], { programs })).code).toBe(0);
  });

  it('refuses an old node and an unknown purpose, with what to do', async () => {
    const old = await runScript('scripts/setup.sh', ['run'], {
      programs: { ...quiet, node: 'echo v18.19.1' },
    });
    expect(old.code).toBe(1);
    expect(old.stderr).toBe(
      `setup: Node.js 20.19 or later is needed, found v18.19.1
hint: Debian 13 has it (apt-get install nodejs npm); on Debian 12 take a build from nodejs.org
`,
    );
    const unknown = await runScript('scripts/setup.sh', ['everything'], { programs: quiet });
    expect(unknown).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("unknown purpose 'everything'"),
    });
  });
});
