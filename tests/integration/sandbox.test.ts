import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Archive, archive } from '../support/archive.ts';
import { must } from '../support/command.ts';
import { CHECKOUT } from '../support/places.ts';
import { aptLayerMust } from '../support/program.ts';
import { type LocalSystem, localSystem } from '../support/system.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary.ts';

const ATTEMPTS = path.join(CHECKOUT, 'tests/support/escape-attempts.pl');
const KEY = `apt-layer-test-${process.pid}`;
const SECRET = 'the secret of the host';
const REPORT = '/usr/share/curious/report';

let repository: Archive;
let system: LocalSystem;
let secret: TemporaryDirectory;
/** Each attempt with its arguments. */
let attempts: Record<string, string[]>;

/** Runs the program that tries, with a key of the host in the session's keyring; resolves to what each attempt got. */
async function withKey(command: readonly string[]): Promise<string> {
  return must('perl', [ATTEMPTS, 'with-key', KEY, SECRET, ...command]);
}

function resultsOf(report: string): Record<string, string> {
  return Object.fromEntries(
    report
      .trim()
      .split('\n')
      .map(line => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
  );
}

const words = () => Object.entries(attempts).flatMap(([name, args]) => [name, ...args, '--']);

beforeAll(async () => {
  secret = temporaryDirectory('secret');
  const file = secret.join('file');
  fs.writeFileSync(file, SECRET, { mode: 0o600 });
  const handle = resultsOf(await must('perl', [ATTEMPTS, 'handle-of', file]))['handle-of'] ?? '';
  // Files of the host that are shown while packages are configured, and one that the positive control has.
  const shown = ['/usr/sbin/policy-rc.d', secret.path];
  attempts = {
    handle: [handle.replace('got ', ''), ...shown],
    'session-key': [KEY],
  };
  repository = await archive([
    {
      name: 'curious',
      files: { '/usr/share/curious/attempts.pl': fs.readFileSync(ATTEMPTS) },
      scripts: { postinst: `perl /usr/share/curious/attempts.pl ${words().join(' ')} >${REPORT}` },
    },
  ]);
  system = await localSystem(repository);
});
afterAll(async () => {
  await system[Symbol.asyncDispose]();
  await repository[Symbol.asyncDispose]();
  await secret[Symbol.asyncDispose]();
});

it('what a package tries works outside the sandbox', async () => {
  const results = resultsOf(await withKey(['perl', ATTEMPTS, ...words()]));
  for (const name of Object.keys(attempts)) expect(results[name], name).toContain(SECRET);
});

it('a package gets nothing of the host', async () => {
  const sysroot = await system.copy('curious');
  const program = path.join(CHECKOUT, 'bin/apt-layer');
  await withKey([process.execPath, program, '--sysroot', sysroot, 'layer', 'curious']);
  const { stdout } = await aptLayerMust(sysroot, ['run', '--', 'cat', REPORT]);
  const results = resultsOf(stdout);
  expect(Object.keys(results)).toEqual(Object.keys(attempts));
  for (const [name, result] of Object.entries(results)) expect(result, name).toMatch(/^nothing /);
  expect(stdout).not.toContain(SECRET);
});
