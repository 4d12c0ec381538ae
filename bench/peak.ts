import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { median } from './measure.ts';

/** A whole command that is timed while this process goes on, and may serve it files. */
export interface LoneSubject {
  /** Not timed; before each run. Rounds count from -1, the warm-up. */
  readonly prepare?: (round: number) => Promise<void> | void;
  readonly command: (round: number) => readonly string[];
  /** Default true: a first run that does not count. */
  readonly warmUp?: boolean;
}

export interface LoneTimes {
  /** Median wall-clock milliseconds. */
  readonly medianMs: number;
  /** The most memory of the command's own process in any counted run, without what it started. */
  readonly peakMegabytes: number;
}

const SAMPLE_MS = 25;

/** Times commands in turn (A B A B ...), so that a machine whose speed drifts treats all alike. */
export async function measurePeaks(subjects: readonly LoneSubject[], runs: number): Promise<LoneTimes[]> {
  const found = subjects.map(() => ({ times: [] as number[], peaks: [] as number[] }));
  for (let round = -1; round < runs; round++)
    for (const [index, subject] of subjects.entries()) {
      if (round < 0 && subject.warmUp === false) continue;
      await subject.prepare?.(round);
      const started = performance.now();
      const peak = await runCommand(subject.command(round));
      if (round < 0) continue;
      found[index]?.times.push(performance.now() - started);
      found[index]?.peaks.push(peak);
    }
  return found.map(({ times, peaks }) => ({ medianMs: median(times), peakMegabytes: Math.max(...peaks) }));
}

/** Runs a command to its end and resolves to the megabytes it needed at most; fails with the end of what it said. */
export function runCommand(command: readonly string[]): Promise<number> {
  const [tool = '', ...args] = command;
  const child = spawn(tool, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  const hear = (text: string) => {
    said = `${said}${text}`.slice(-4000);
  };
  child.stdout.setEncoding('utf8').on('data', hear);
  child.stderr.setEncoding('utf8').on('data', hear);
  let peak = 0;
  const sample = () => {
    peak = Math.max(peak, peakOf(child.pid));
  };
  const timer = setInterval(sample, SAMPLE_MS);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', code => {
      clearInterval(timer);
      if (code === 0) resolve(peak);
      else reject(new Error(`${command.join(' ')}: exit ${code}\n${said}`));
    });
  });
}

/** VmHWM only grows, so that a late sample is the peak; 0 for a process that is gone. */
function peakOf(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1');
    return Number(/^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1024;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return 0;
    throw error;
  }
}
