import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { listDeployments, storePath } from '../../src/deployment/index.ts';
import { fsck, importDirectory, setRef, writeImageObject } from '../../src/store/index.ts';
import { ensureStore } from '../../src/store/store.ts';
import { listTransactions } from '../../src/transaction/index.ts';
import { execute } from '../support/command.ts';
import { scratchDirectory, testHost } from '../support/host.ts';
import { loopFileSystem } from '../support/loop-file-system.ts';
import { aptLayer, aptLayerMust } from '../support/program.ts';
import { buildProgram } from './programs/build.ts';

let program = '';
beforeAll(async () => {
  program = await buildProgram('deployments');
});

const host = testHost();

function run(sysroot: string, args: readonly string[], env: Record<string, string> = {}) {
  return execute(process.execPath, [program, sysroot, ...args], { env, timeoutMs: 60_000 });
}

/** A process that holds the lock until it is killed. */
async function holder(sysroot: string) {
  const child = spawn(process.execPath, [program, sysroot, 'hold', '60000'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return {
    pid: child.pid ?? 0,
    async kill(signal: NodeJS.Signals) {
      child.kill(signal);
      await once(child, 'exit');
    },
  };
}

async function importImage(sysroot: string, files: Record<string, string | Buffer>): Promise<string> {
  using scratch = scratchDirectory();
  for (const [name, content] of Object.entries(files)) {
    const path = `${scratch.path}/${name}`;
    fs.mkdirSync(path.slice(0, path.lastIndexOf('/')), { recursive: true });
    fs.writeFileSync(path, content);
  }
  const store = ensureStore(host, storePath(sysroot));
  const image = writeImageObject(store, await importDirectory(store, scratch.path, { mode: 'copy' }));
  setRef(store, 'base/test', image);
  return image;
}

describe('the lock', () => {
  it('refuses a second writer by name, lets readers in, and dies with its holder', async () => {
    using scratch = scratchDirectory();
    const image = await importImage(scratch.path, { 'etc/hostname': 'x\n' });
    for (let i = 0; i < 2; i++) expect((await run(scratch.path, ['create', image])).code).toBe(0);
    const busy = await holder(scratch.path);
    const refused = await aptLayer(scratch.path, ['rollback']);
    expect(refused.code).toBe(75);
    expect(refused.stderr).toMatch(
      new RegExp(
        `another transaction holds the lock: \`hold 60000\` \\(pid ${busy.pid}\\) has been running for \\d+ s`,
      ),
    );
    expect(refused.stderr).toContain('--wait');
    const timedOut = await aptLayer(scratch.path, ['rollback', '--wait', '1']);
    expect(timedOut.code).toBe(75);
    const status = (await aptLayerMust(scratch.path, ['status', '--json'])).json();
    expect(status).toMatchObject({ transaction: ['hold', `pid ${busy.pid}`, expect.any(String)] });
    expect((await aptLayerMust(scratch.path, ['status'])).stdout).toContain('State: busy: `hold 60000`');
    expect((await aptLayerMust(scratch.path, ['log'])).stdout).toContain('running');
    await busy.kill('SIGKILL');
    expect((await aptLayerMust(scratch.path, ['status'])).stdout).toContain('State: idle');
    const next = await aptLayerMust(scratch.path, ['rollback']);
    expect(next.stderr).toMatch(/cleaned up after a crash: transaction \S+/);
    expect(listTransactions({ host, sysroot: scratch.path }).map(one => one.result)).toStrictEqual([
      'done',
      'interrupted',
      'done',
      'done',
    ]);
  });

  it('is waited for', async () => {
    using scratch = scratchDirectory();
    const image = await importImage(scratch.path, { 'etc/hostname': 'x\n' });
    for (let i = 0; i < 2; i++) await run(scratch.path, ['create', image]);
    const busy = await holder(scratch.path);
    const waiting = aptLayer(scratch.path, ['rollback', '--wait']);
    await busy.kill('SIGKILL');
    const done = await waiting;
    expect(done.code, done.stderr).toBe(0);
  });

  it('orders eight processes that make deployments at once', async () => {
    using scratch = scratchDirectory();
    const image = await importImage(scratch.path, { 'etc/hostname': 'x\n', 'var/lib/x': 'x' });
    const runs = Array.from({ length: 8 }, () => run(scratch.path, ['create', image], { WAIT: '60' }));
    const results = await Promise.all(runs);
    expect(results.map(one => one.code)).toStrictEqual(Array.from({ length: 8 }, () => 0));
    const ids = listDeployments({ host, sysroot: scratch.path }).map(one => one.id);
    expect(ids).toHaveLength(8);
    expect([...ids].sort()).toStrictEqual(results.map(one => one.stdout.trim()).sort());
    expect(new Set(ids).size).toBe(8);
    const past = listTransactions({ host, sysroot: scratch.path });
    expect(past.map(one => one.result)).toStrictEqual(Array.from({ length: 8 }, () => 'done'));
    expect((await fsck(ensureStore(host, storePath(scratch.path)))).findings).toStrictEqual([]);
  });

  it('refuses each of eight that do not wait', async () => {
    using scratch = scratchDirectory();
    const busy = await holder(scratch.path);
    const codes = await Promise.all(
      Array.from({ length: 8 }, async () => (await run(scratch.path, ['nothing'])).code),
    );
    expect(codes).toStrictEqual(Array.from({ length: 8 }, () => 75));
    await busy.kill('SIGTERM');
  });
});

describe('a full disk', () => {
  it('leaves the old deployments, and says so', async () => {
    await using disk = await loopFileSystem('ext4', 10 * 2 ** 20);
    const sysroot = `${disk.path}/sysroot`;
    const image = await importImage(sysroot, {
      'etc/hostname': 'x\n',
      'etc/large': Buffer.alloc(2 ** 20, 1),
    });
    const first = await run(sysroot, ['create', image]);
    expect(first.code, first.stderr).toBe(0);
    const ids = [first.stdout.trim()];
    const filler = `${disk.path}/filler`;
    for (const left of [512 * 1024, 16 * 1024, 0]) {
      fillUp(filler, left);
      const failed = await run(sysroot, ['create', image]);
      expect(failed.code, failed.stderr).toBe(1);
      expect(failed.stderr).toContain('ENOSPC');
      expect(listDeployments({ host, sysroot }).map(one => one.id)).toStrictEqual(ids);
      expect((await aptLayerMust(sysroot, ['status'])).stdout).toContain(ids[0]);
    }
    fs.rmSync(filler);
    // ext4 gives freed blocks out again once the journal has committed.
    await execute('sync', ['-f', disk.path]);
    const again = await run(sysroot, ['create', image]);
    expect(again.code, again.stderr).toBe(0);
    expect(listDeployments({ host, sysroot }).map(one => one.id)).toStrictEqual([
      again.stdout.trim(),
      ...ids,
    ]);
    expect(fs.readdirSync(`${sysroot}/state/deploy`)).toHaveLength(2);
  });
});

/** Writes until only about `leftBytes` are free. */
function fillUp(path: string, leftBytes: number): void {
  fs.rmSync(path, { force: true });
  const directory = path.slice(0, path.lastIndexOf('/'));
  const fd = fs.openSync(path, 'w');
  try {
    for (const size of [65536, 4096])
      for (;;) {
        const { bavail, bsize } = fs.statfsSync(directory);
        if (bavail * bsize < leftBytes + size) break;
        fs.writeSync(fd, Buffer.alloc(size, 1));
        fs.fsyncSync(fd);
      }
  } finally {
    fs.closeSync(fd);
  }
}
