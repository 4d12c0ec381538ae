import { describe, expect, it } from 'vitest';
import type { AptLayerError } from '../errors/index.ts';
import { CommandFailed, createRunner, pasteable } from './index.ts';

const runner = createRunner();
const sh = (script: string) => ({ tool: 'sh', args: ['-c', script] });

describe('run', () => {
  it('keeps stdout, a closed stdin and a small environment', async () => {
    const output = await runner.run(sh('cat; env'));
    expect(output.stdout.toString()).toContain('LC_ALL=C.UTF-8');
    expect(output.stdout.toString()).not.toContain('HOME=');
  });

  it('feeds stdin and reads status lines', async () => {
    const lines: string[] = [];
    const output = await runner.run(
      { ...sh('cat; printf "a\\nb\\n" >&3'), stdin: 'in' },
      { onStatusLine: l => lines.push(l) },
    );
    expect(output.stdout.toString()).toBe('in');
    expect(lines).toEqual(['a', 'b']);
  });

  it('says how it failed, with the end of stderr', async () => {
    const failed = runner.run(sh('echo lost >&2; yes x | head -c 9000 >&2; echo end >&2; exit 3'));
    await expect(failed).rejects.toThrow(/sh ended with exit code 3:\n(x\n)+end/);
    const error = await failed.catch((e: unknown) => e as CommandFailed);
    expect(error).toBeInstanceOf(CommandFailed);
    expect((error as CommandFailed).exitStatus).toBe(3);
    expect((error as CommandFailed).stderrTail).not.toContain('lost');
  });

  it('accepts other exit codes on request', async () => {
    expect((await runner.run(sh('exit 7'), { okCodes: [0, 7] })).exitCode).toBe(7);
  });

  it('names the package of a missing tool', async () => {
    await expect(createRunner().run({ tool: 'no-such-tool', args: [] })).rejects.toThrow(
      'no-such-tool is not installed',
    );
    const error = await createRunner({ environment: { PATH: '/nowhere' } })
      .run({ tool: 'bwrap', args: [] })
      .catch((e: unknown) => e as AptLayerError);
    expect(error).toMatchObject({ code: 'HOST_UNSUPPORTED', hint: 'apt-get install bubblewrap' });
  });

  it('is interrupted when a program hears first what is meant for both', async () => {
    const controller = new AbortController();
    const runner = createRunner({ signal: controller.signal });
    const onOutput = () => void setTimeout(() => controller.abort(), 60);
    const ended = runner.run({ tool: 'sh', args: ['-c', 'echo x >&2; kill -INT $$'] }, { onOutput });
    await expect(ended).rejects.toMatchObject({ code: 'INTERRUPTED' });
  });

  it('ends the whole process group on abort and on timeout', async () => {
    const controller = new AbortController();
    const run = createRunner({ signal: controller.signal }).run(sh('sleep 60 & wait'));
    setTimeout(() => controller.abort(), 50);
    await expect(run).rejects.toMatchObject({ code: 'INTERRUPTED' });
    await expect(runner.run(sh('sleep 60'), { timeoutMs: 50 })).rejects.toThrow(/took too long/);
  });

  it('bounds what it keeps', async () => {
    await expect(runner.run(sh('yes'), { maxStdoutBytes: 100, timeoutMs: 200 })).rejects.toThrow();
  });
});

it('quotes for pasting', () => {
  expect(pasteable({ tool: 'a', args: ['b c', "d'e", '-f=1'] })).toBe(`a 'b c' 'd'\\''e' -f=1`);
});
