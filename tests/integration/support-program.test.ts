import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { execute, must } from '../support/command.ts';
import { withFileLock } from '../support/file-lock.ts';
import { aptLayer, startProgram } from '../support/program.ts';
import { temporaryDirectory } from '../support/temporary.ts';

/** Says two things, starts a child that would outlive it, and waits. */
const SLOW = `
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const child = spawn('sleep', ['600']);
fs.writeSync(3, JSON.stringify({ type: 'start', task: 'fetch' }) + '\\n');
fs.writeSync(3, JSON.stringify({ type: 'start', task: 'configure', child: child.pid }) + '\\n');
`;

function isAlive(pid: number): boolean {
  // A zombie that init has not collected yet is dead enough.
  const stat = fs.existsSync(`/proc/${pid}/stat`) ? fs.readFileSync(`/proc/${pid}/stat`, 'utf8') : ') Z';
  return !/\) Z/.test(stat);
}

describe('execute and must', () => {
  it('give code and streams, and what a failing program said', async () => {
    expect(await execute('sh', ['-c', 'cat; echo err >&2; exit 3'], { stdin: 'in' })).toEqual({
      code: 3,
      stdout: 'in',
      stderr: 'err\n',
    });
    expect((await execute('sh', ['-c', 'kill -9 $$'])).code).toBe(137);
    await expect(must('sh', ['-c', 'echo why >&2; exit 1'])).rejects.toThrow(/exit code 1:\nwhy/);
  });

  it('kill what takes too long, with its children', async () => {
    const started = performance.now();
    expect((await execute('sh', ['-c', 'sleep 60 & wait'], { timeoutMs: 100 })).code).toBe(137);
    expect(performance.now() - started).toBeLessThan(5000);
  });
});

describe('the program', () => {
  it('runs from the checkout and says its version', async () => {
    const result = await aptLayer(undefined, ['--version']);
    expect(result.code).toBe(0);
    expect(result.stdout).toMatch(/\d+\.\d+\.\d+/);
    expect(() => result.json()).toThrow('not JSON');
  });
});

describe('a program in the background', () => {
  it('is killed with its children at the moment a marker appears', async () => {
    await using program = startProgram(['-e', SLOW]);
    await program.waitFor(/fetch/);
    const { child } = JSON.parse(await program.waitFor(/"configure"/)) as { child: number };
    expect(isAlive(child)).toBe(true);
    program.kill();
    expect((await program.ended).code).toBe(137);
    await expect.poll(() => isAlive(child)).toBe(false);
    expect(program.progress).toHaveLength(2);
  });

  it('can be killed alone', async () => {
    await using program = startProgram(['-e', SLOW]);
    const { child } = JSON.parse(await program.waitFor(/"configure"/)) as { child: number };
    program.killAlone('SIGTERM');
    expect((await program.ended).code).toBe(143);
    expect(isAlive(child)).toBe(true);
    program.kill();
    await expect.poll(() => isAlive(child)).toBe(false);
  });

  it('says so when it ends before the marker', async () => {
    await using program = startProgram(['-e', 'console.error("too bad")']);
    await expect(program.waitFor(/never/)).rejects.toThrow(/ended before it said \/never\/:\ntoo bad/);
    await expect(program.waitFor(/never/)).rejects.toThrow(/ended before/);
    expect(await program.waitFor(/too/)).toBe('too bad');
  });
});

describe('withFileLock', () => {
  it('lets one in at a time, also after a failure', async () => {
    await using work = temporaryDirectory('lock');
    const order: string[] = [];
    const hold = (name: string) =>
      withFileLock(work.join('lock'), async () => {
        order.push(`${name} in`);
        await new Promise(resolve => setTimeout(resolve, 50));
        order.push(`${name} out`);
      });
    await Promise.all([hold('a'), hold('b')]);
    expect(order[1]).toBe(order[0]?.replace('in', 'out'));
    await expect(withFileLock(work.join('lock'), () => Promise.reject(new Error('x')))).rejects.toThrow('x');
    await hold('c');
    expect(order).toHaveLength(6);
  });
});
