import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { recordingReporter, scratchDirectory, testHost } from '../../tests/support/host.ts';
import { listTransactions } from './history.ts';
import { withTransaction } from './transaction.ts';

const options = { verb: 'deploy', commandLine: 'deploy x' };
const begin = `${JSON.stringify({
  version: 1,
  time: '2026-01-02T03:04:05.000Z',
  type: 'begin',
  data: { verb: 'layer', commandLine: 'layer vim' },
})}\n`;
const id = '20260102-030405-00000000';

async function recovered(sysroot: string, prepare: (directory: string) => void) {
  const directory = `${sysroot}/state/transactions/${id}`;
  fs.mkdirSync(directory, { recursive: true });
  prepare(directory);
  const reporter = recordingReporter();
  const host = testHost({ report: reporter });
  await withTransaction({ host, sysroot }, options, async () => undefined);
  const texts = reporter.events.flatMap(event => (event.type === 'log' ? [event.text] : []));
  const past = listTransactions({ host, sysroot }).find(one => one.id === id);
  return { directory, texts, past, host };
}

describe('recovery', () => {
  it('marks a transaction without an end, and removes its scratch files', async () => {
    using scratch = scratchDirectory();
    const { directory, texts, past, host } = await recovered(scratch.path, made => {
      fs.writeFileSync(`${made}/journal.jsonl`, begin);
      // As overlayfs leaves its work directory.
      fs.mkdirSync(`${made}/work/overlay/work`, { recursive: true });
      fs.chmodSync(`${made}/work/overlay/work`, 0);
      fs.writeFileSync(`${made}/.tmp-1-2-3`, '');
    });
    expect(past).toMatchObject({ result: 'interrupted', verb: 'layer', summary: { reason: 'crash' } });
    expect(texts).toStrictEqual([`cleaned up after a crash: transaction ${id}`]);
    expect(fs.readdirSync(directory)).toStrictEqual(['journal.jsonl', 'public.jsonl']);
    const before = fs.readFileSync(`${directory}/journal.jsonl`, 'utf8');
    await withTransaction({ host, sysroot: scratch.path }, options, async () => undefined);
    expect(fs.readFileSync(`${directory}/journal.jsonl`, 'utf8')).toBe(before);
  });

  it('writes on behind a torn record', async () => {
    using scratch = scratchDirectory();
    const { past } = await recovered(scratch.path, made =>
      fs.writeFileSync(`${made}/journal.jsonl`, `${begin}{"time":"2026-01`),
    );
    expect(past).toMatchObject({ result: 'interrupted', verb: 'layer', damagedLines: [2] });
  });

  it('removes one that died before its first record', async () => {
    using scratch = scratchDirectory();
    const { directory, past } = await recovered(scratch.path, () => undefined);
    expect(past).toBeUndefined();
    expect(fs.existsSync(directory)).toBe(false);
  });

  it('goes on with a journal that cannot be read', async () => {
    using scratch = scratchDirectory();
    const { past, texts } = await recovered(scratch.path, made => fs.mkdirSync(`${made}/journal.jsonl`));
    expect(past).toMatchObject({ result: 'unreadable' });
    expect(texts[0]).toContain('a journal cannot be read');
  });

  it('takes garbage for a transaction that was interrupted', async () => {
    using scratch = scratchDirectory();
    const { past } = await recovered(scratch.path, made =>
      fs.writeFileSync(`${made}/journal.jsonl`, Buffer.from([0, 0xff, 0x0a, 0x7b])),
    );
    expect(past).toMatchObject({ result: 'unreadable', damagedLines: [1, 2] });
  });

  it('runs the handlers each time', async () => {
    using scratch = scratchDirectory();
    const reporter = recordingReporter();
    const host = testHost({ report: reporter });
    const recovery = [() => ['a thing'], async () => []];
    await withTransaction({ host, sysroot: scratch.path }, { ...options, recovery }, async () => undefined);
    expect(reporter.events).toStrictEqual([
      { type: 'log', level: 'info', text: 'cleaned up after a crash: a thing' },
    ]);
  });
});
