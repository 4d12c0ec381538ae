import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRunner } from '../../src/process/index.ts';
import { runInSandbox, withScratch } from '../../src/sandbox/index.ts';
import { imageFile, objectsDirectory, openStore, resolveImage } from '../../src/store/index.ts';
import { type Archive, archive } from '../support/archive.ts';
import { testHost } from '../support/host.ts';
import { mountsOf } from '../support/mounts.ts';
import { aptLayer, aptLayerMust, type RunningProgram, startAptLayer } from '../support/program.ts';
import { type LocalSystem, localSystem, stateOf } from '../support/system.ts';
import { temporaryDirectory } from '../support/temporary.ts';

/** Found in the list of processes as long as the script of the package runs. */
const FOREVER = '31415926';

let repository: Archive;
let system: LocalSystem;
let digest: string;

beforeAll(async () => {
  repository = await archive([
    {
      name: 'patient',
      files: { '/usr/share/patient/large': randomBytes(8_000_000), '/etc/patient': 'x' },
      conffiles: ['/etc/patient'],
      // Waits while there is such a file, and does not want to be ended.
      scripts: {
        postinst: `trap '' TERM INT HUP
if [ -e /usr/share/hang ]; then setsid sleep ${FOREVER} & sleep ${FOREVER}; fi
echo done > /var/lib/patient`,
      },
      compression: 'none',
    },
    { name: 'hang', files: { '/usr/share/hang': '' } },
    { name: 'other', scripts: { postinst: 'echo other > /var/lib/other' } },
  ]);
  system = await localSystem(repository);
  const undisturbed = await system.copy('undisturbed');
  await aptLayerMust(undisturbed, ['layer', 'patient', 'other']);
  digest = await first(undisturbed);
});
afterAll(async () => {
  await system[Symbol.asyncDispose]();
  await repository[Symbol.asyncDispose]();
});

const first = async (sysroot: string) => {
  const status = (await aptLayerMust(sysroot, ['status', '--json'])).json();
  return (status as { deployments: { checksum: string }[] }).deployments[0]?.checksum ?? '';
};
const lastResult = async (sysroot: string) => {
  const log = (await aptLayerMust(sysroot, ['log', '--json'])).json();
  return (log as { transactions: { result: string; verb: string }[] }).transactions[0];
};
const processes = () => execFileSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' });

/** Processes that are there on account of a sysroot; those that were killed may take a moment to go. */
async function left(sysroot: string): Promise<string[]> {
  const find = () =>
    processes()
      .split('\n')
      .filter(line => line.includes(`${sysroot}/`) || line.includes(`${sysroot} `) || line.includes(FOREVER));
  for (let tries = 0; tries < 20 && find().length > 0; tries++)
    await new Promise(resolve => setTimeout(resolve, 100));
  return find();
}

interface Stage {
  /** The step that has begun when the signal is sent. */
  readonly task: string;
  readonly packages: readonly string[];
  /** Makes the step last until it is stopped. */
  readonly stall?: () => void;
  readonly options?: readonly string[];
}

const STAGES: readonly Stage[] = [
  {
    task: 'refresh',
    packages: ['patient', 'other'],
    options: ['--refresh'],
    stall: () => repository.server.fault(/InRelease/, { hang: true }),
  },
  { task: 'resolve', packages: ['patient', 'other'] },
  {
    task: 'fetch',
    packages: ['patient', 'other'],
    stall: () => repository.server.fault(/patient.*deb/, { bytesPerSecond: 100_000 }),
  },
  { task: 'import', packages: ['patient', 'other'] },
  { task: 'configure', packages: ['patient', 'hang'] },
  { task: 'write-image', packages: ['patient', 'other'] },
];

const SIGNALS = [
  ['SIGTERM', 143, (running: RunningProgram) => running.killAlone('SIGTERM')],
  ['SIGINT', 130, (running: RunningProgram) => running.kill('SIGINT')],
  ['SIGKILL', 137, (running: RunningProgram) => running.killAlone('SIGKILL')],
] as const;

describe.each(STAGES)('stopped in $task', { timeout: 300_000 }, ({ task, packages, stall, options = [] }) => {
  it.each(SIGNALS)('by %s', async (name, code, send) => {
    const sysroot = await system.copy(`${task}-${name}`);
    const before = withoutBuilds(sysroot);
    stall?.();
    await using running = startAptLayer(sysroot, ['layer', ...packages, ...options]);
    try {
      await running.waitFor(new RegExp(`"task":"${task}"`));
      if (task === 'configure') await waitFor(() => processes().includes(FOREVER));
      send(running);
      const ended = await running.ended;
      expect(ended.code, ended.stderr).toBe(code);
      if (name !== 'SIGKILL') expect(ended.stderr).toMatch(/nothing was changed|interrupted/);
    } finally {
      repository.server.clearFaults();
    }
    expect(await left(sysroot)).toEqual([]);
    expect(mountsOf(sysroot)).toEqual([]);
    expect(withoutBuilds(sysroot)).toBe(before);
    expect(await lastResult(sysroot)).toMatchObject({ verb: 'layer', result: 'interrupted' });
    await aptLayerMust(sysroot, ['layer', 'patient', 'other']);
    expect(await first(sysroot)).toBe(digest);
    expect(workDirectories(sysroot)).toEqual([]);
    expect((await aptLayer(sysroot, ['fsck'])).code).toBe(0);
  });
});

/** An image that was written when it was stopped, of a stage or of all, is kept for the next time, under the digest of its inputs. */
function withoutBuilds(sysroot: string): string {
  const state = JSON.parse(stateOf(sysroot)) as { refs: string[] };
  return JSON.stringify({ ...state, refs: state.refs.filter(ref => !/^(build|stage)(\/|$)/.test(ref)) });
}

async function waitFor(condition: () => boolean): Promise<void> {
  for (let tries = 0; !condition(); tries++) {
    if (tries === 300) throw new Error('it did not come to it');
    await new Promise(resolve => setTimeout(resolve, 100));
  }
}

/** Scratch files that a transaction left. */
function workDirectories(sysroot: string): string[] {
  const transactions = `${sysroot}/state/transactions`;
  return fs.readdirSync(transactions).filter(id => fs.existsSync(`${transactions}/${id}/work`));
}

it('leaves nothing in a sandbox, however early it is stopped', async () => {
  const store = openStore(testHost(), `${system.pristine}/composefs`);
  const image = {
    imagePath: imageFile(store, resolveImage(store, 'min')),
    objectsPath: objectsDirectory(store),
  };
  await using work = temporaryDirectory('early');
  await withScratch(testHost(), { image, directory: work.path, tmpfsBytes: 1e7 }, async scratch => {
    for (let round = 0; round < 60; round++) {
      const controller = new AbortController();
      const host = testHost({ runner: createRunner({ signal: controller.signal }) });
      const running = runInSandbox(host, scratch, { command: ['sleep', FOREVER] });
      setTimeout(() => controller.abort(), (round % 12) / 2);
      await expect(running).rejects.toMatchObject({ code: 'INTERRUPTED' });
    }
    // The one that holds the mounts.
    expect(await left(work.path)).toHaveLength(1);
  });
  expect(await left(work.path)).toEqual([]);
  expect(mountsOf(work.path)).toEqual([]);
});

describe('cancel', () => {
  it('stops what runs, waits for its end and says what it was', async () => {
    const sysroot = await system.copy('cancel');
    const before = stateOf(sysroot);
    await using running = startAptLayer(sysroot, ['layer', 'patient', 'hang']);
    await waitFor(() => processes().includes(FOREVER));
    expect((await aptLayerMust(sysroot, ['cancel', '-n'])).stdout).toMatch(
      /^Would cancel `.*layer patient hang`/,
    );
    expect(await left(sysroot)).not.toEqual([]);
    const done = (await aptLayerMust(sysroot, ['cancel', '--json'])).json();
    expect(done).toEqual({
      schema: 1,
      dryRun: false,
      cancelled: true,
      transaction: expect.objectContaining({ verb: 'layer', pid: running.pid }),
      result: 'interrupted',
    });
    // Its end has been waited for.
    expect(await lastResult(sysroot)).toMatchObject({ verb: 'layer', result: 'interrupted' });
    const ended = await running.ended;
    expect(ended.code).toBe(143);
    expect(ended.stderr).toMatch(/^error: stopped by SIGTERM; nothing was changed$/m);
    expect(ended.stderr).not.toContain('nsenter');
    expect(await left(sysroot)).toEqual([]);
    expect(stateOf(sysroot)).toBe(before);
  });

  it('says when there is nothing to stop', async () => {
    const sysroot = await system.copy('nothing');
    expect(await aptLayer(sysroot, ['cancel'])).toMatchObject({
      code: 0,
      stdout: 'No transaction is running.\n',
    });
    expect((await aptLayer(sysroot, ['cancel', '--unchanged-exit-77'])).code).toBe(77);
    expect((await aptLayer(`${sysroot}-none`, ['cancel', '--unchanged-exit-77'])).code).toBe(77);
  });

  it('never signals a process that only has the number of the one that held the lock', async () => {
    const sysroot = await system.copy('reused');
    writeHolder(sysroot, { pid: process.pid, startTicks: '1' });
    expect((await aptLayerMust(sysroot, ['cancel', '--json'])).json()).toMatchObject({
      cancelled: false,
      transaction: null,
    });
  });

  it('gives up waiting after a while, and says how to go on', async () => {
    const sysroot = await system.copy('stubborn');
    const script = `(trap '' TERM; exec sleep 60) >/dev/null 2>&1 & echo $!`;
    const pid = Number(execFileSync('sh', ['-c', script], { encoding: 'utf8' }));
    try {
      await waitFor(() => fs.readFileSync(`/proc/${pid}/cmdline`, 'latin1').startsWith('sleep'));
      const stat = fs.readFileSync(`/proc/${pid}/stat`, 'latin1');
      const startTicks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
      writeHolder(sysroot, { pid, startTicks });
      expect(await aptLayer(sysroot, ['cancel', '--wait', '1'])).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/has not stopped yet[\s\S]*cancel --wait/),
      });
    } finally {
      process.kill(pid, 'SIGKILL');
    }
  });
});

function writeHolder(sysroot: string, process: { pid: number; startTicks: string }): void {
  const holder = {
    version: 1,
    verb: 'layer',
    commandLine: 'layer x',
    transaction: '20260101-000000-00000000',
    sinceSeconds: 1_767_225_600,
    ...process,
  };
  fs.writeFileSync(`${sysroot}/state/lock/holder.json`, JSON.stringify(holder));
}
