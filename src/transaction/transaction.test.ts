import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { recordingReporter, scratchDirectory, testHost } from '../../tests/support/host.ts';
import { AptLayerError } from '../errors/index.ts';
import { listTransactions } from './history.ts';
import { readHolder } from './holder.ts';
import { beginTransaction, withTransaction } from './transaction.ts';

const options = { verb: 'layer', commandLine: 'layer vim' };

function journalOf(directory: string): Record<string, unknown>[] {
  const lines = fs.readFileSync(`${directory}/journal.jsonl`, 'utf8').trimEnd().split('\n');
  return lines.map(line => JSON.parse(line) as Record<string, unknown>);
}

describe('withTransaction', () => {
  it('records begin, steps and commit, and leaves nothing else', async () => {
    using scratch = scratchDirectory();
    const host = testHost();
    let directory = '';
    const result = await withTransaction(
      { host, sysroot: scratch.path },
      { ...options, summarize: (value: number) => ({ value }) },
      async transaction => {
        directory = transaction.directory;
        transaction.step('one', { of: 1 });
        fs.writeFileSync(`${transaction.workDirectory}/scratch`, '');
        expect(readHolder({ host, sysroot: scratch.path })).toMatchObject({ ...options, pid: process.pid });
        expect(listTransactions({ host, sysroot: scratch.path })[0]?.result).toBe('running');
        return 5;
      },
    );
    expect(result).toBe(5);
    const records = journalOf(directory);
    expect(records.map(record => record['type'])).toStrictEqual(['begin', 'step', 'commit']);
    expect(records[0]).toMatchObject({ version: 1, data: { ...options, pid: process.pid } });
    expect(records[2]).toMatchObject({ data: { value: 5 } });
    expect(fs.readdirSync(directory).sort()).toStrictEqual(['journal.jsonl', 'log', 'public.jsonl']);
    expect(fs.readdirSync(`${scratch.path}/state/lock`)).toStrictEqual([]);
    expect(readHolder({ host, sysroot: scratch.path })).toBeUndefined();
    expect(listTransactions({ host, sysroot: scratch.path })).toMatchObject([{ ...options, result: 'done' }]);
  });

  it('records a failure with its error, and frees the lock', async () => {
    using scratch = scratchDirectory();
    const host = testHost();
    const failing = withTransaction({ host, sysroot: scratch.path }, options, async () => {
      throw new AptLayerError('RESOLVE_FAILED', 'no such package: vmi', { hint: 'did you mean vim?' });
    });
    await expect(failing).rejects.toMatchObject({ code: 'RESOLVE_FAILED' });
    const [past] = listTransactions({ host, sysroot: scratch.path });
    expect(past).toMatchObject({ result: 'failed', summary: { code: 'RESOLVE_FAILED' } });
    const report: unknown = JSON.parse(
      fs.readFileSync(`${scratch.path}/state/transactions/${past?.id}/error.json`, 'utf8'),
    );
    expect(report).toMatchObject({ code: 'RESOLVE_FAILED', hint: 'did you mean vim?' });
    await withTransaction({ host, sysroot: scratch.path }, options, async () => undefined);
  });

  it('is interrupted by the signal', async () => {
    using scratch = scratchDirectory();
    const controller = new AbortController();
    const host = testHost({ signal: controller.signal });
    const stopped = withTransaction({ host, sysroot: scratch.path }, options, async transaction => {
      transaction.checkpoint();
      controller.abort();
      transaction.checkpoint();
    });
    await expect(stopped).rejects.toMatchObject({ code: 'INTERRUPTED', exitCode: 130 });
    expect(listTransactions({ host, sysroot: scratch.path })).toMatchObject([{ result: 'interrupted' }]);
  });

  it('keeps events and tool output in the log', async () => {
    using scratch = scratchDirectory();
    const reporter = recordingReporter();
    const host = testHost({ report: reporter, clock: () => new Date('2026-01-02T03:04:05Z') });
    const directory = await withTransaction({ host, sysroot: scratch.path }, options, async transaction => {
      transaction.host.report.emit({ type: 'start', task: 'fetch', text: 'Fetching' });
      transaction.appendLog(Buffer.from([0x47, 0xff, 0x0a]));
      transaction.host.report.emit({ type: 'log', level: 'warning', text: 'careful' });
      return transaction.directory;
    });
    expect(fs.readFileSync(`${directory}/log`, 'latin1')).toBe(
      '2026-01-02T03:04:05.000Z [fetch] Fetching\nG\xff\n2026-01-02T03:04:05.000Z warning: careful\n',
    );
    expect(reporter.events.length).toBe(2);
    expect(fs.statSync(`${directory}/log`).mode & 0o777).toBe(0o600);
  });
});

describe('beginTransaction', () => {
  it('counts as failed when it is left without a result', async () => {
    using scratch = scratchDirectory();
    const host = testHost();
    const transaction = await beginTransaction({ host, sysroot: scratch.path }, options);
    await transaction[Symbol.asyncDispose]();
    expect(listTransactions({ host, sysroot: scratch.path })).toMatchObject([{ result: 'failed' }]);
    expect(() => transaction.commit({})).toThrow('already ended');
  });

  it('refuses while another runs, naming it, and waits when asked to', async () => {
    using scratch = scratchDirectory();
    const host = testHost();
    const first = await beginTransaction({ host, sysroot: scratch.path }, options);
    const refused = beginTransaction({ host, sysroot: scratch.path }, { verb: 'x', commandLine: 'x' });
    await expect(refused).rejects.toMatchObject({
      code: 'LOCKED',
      exitCode: 75,
      hint: expect.stringContaining('--wait') as string,
      message: expect.stringMatching(/`layer vim` \(pid \d+\) has been running for \d s/) as string,
    });
    await expect(
      beginTransaction({ host, sysroot: scratch.path }, { verb: 'x', commandLine: 'x', wait: 0.1 }),
    ).rejects.toMatchObject({ code: 'LOCKED' });
    const reporter = recordingReporter();
    const waiting = beginTransaction(
      { host: testHost({ report: reporter }), sysroot: scratch.path },
      {
        ...options,
        wait: 30,
      },
    );
    setTimeout(() => first.commit({}), 50);
    (await waiting).commit({});
    expect(reporter.events[0]).toMatchObject({ type: 'start', task: 'lock' });
    expect(reporter.events[0]).toMatchObject({ text: `Waiting for \`layer vim\` (pid ${process.pid})` });
  });

  it('stops waiting when the user asks to stop', async () => {
    using scratch = scratchDirectory();
    const controller = new AbortController();
    const first = await beginTransaction({ host: testHost(), sysroot: scratch.path }, options);
    const waiting = beginTransaction(
      { host: testHost({ signal: controller.signal }), sysroot: scratch.path },
      {
        ...options,
        wait: Number.POSITIVE_INFINITY,
      },
    );
    setTimeout(() => controller.abort(), 10);
    await expect(waiting).rejects.toMatchObject({ code: 'INTERRUPTED' });
    first.commit({});
  });

  it('does not give the lock to the programs it runs', async () => {
    using scratch = scratchDirectory();
    const host = testHost();
    await withTransaction({ host, sysroot: scratch.path }, options, async () => {
      const { stdout } = await host.runner.run({ tool: 'ls', args: ['-l', '/proc/self/fd'] });
      expect(stdout.toString()).not.toContain(scratch.path);
    });
  });

  it('drops the oldest transactions beyond 200', async () => {
    using scratch = scratchDirectory();
    const directory = `${scratch.path}/state/transactions`;
    const line = `${JSON.stringify({ version: 1, time: '2020-01-01T00:00:00.000Z', type: 'commit', data: {} })}\n`;
    for (let i = 0; i < 203; i++) {
      const one = `${directory}/20200101-000000-${i.toString(16).padStart(8, '0')}`;
      fs.mkdirSync(one, { recursive: true });
      fs.writeFileSync(`${one}/journal.jsonl`, line);
    }
    fs.mkdirSync(`${directory}/not-ours`);
    await withTransaction({ host: testHost(), sysroot: scratch.path }, options, async () => undefined);
    const left = fs.readdirSync(directory).sort();
    expect(left.length).toBe(202);
    expect(left[0]).toBe('20200101-000000-00000003');
    expect(left).toContain('not-ours');
  });
});
