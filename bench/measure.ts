import { spawnSync } from 'node:child_process';

export interface Timed {
  /** Wall-clock milliseconds of each counted run. */
  readonly runs: readonly number[];
  readonly median: number;
}

export interface Subject {
  readonly name: string;
  /** Not timed; before each run. */
  readonly prepare?: () => void;
  /** What is timed: this, or `run` where it depends on the round. */
  readonly command?: readonly string[];
  readonly run?: () => void;
}

/** Times whole commands in turn (A B A B ...), so that a machine whose speed drifts treats all alike. One warm-up each. */
export function measure(subjects: readonly Subject[], runs: number): Timed[] {
  const times = subjects.map((): number[] => []);
  for (let round = -1; round < runs; round++) {
    subjects.forEach((subject, index) => {
      subject.prepare?.();
      const started = performance.now();
      if (subject.run !== undefined) subject.run();
      else must(subject.command ?? []);
      if (round >= 0) times[index]?.push(performance.now() - started);
    });
  }
  return times.map(list => ({ runs: list, median: median(list) }));
}

/** Runs a command to the end; throws with its stderr when it fails. */
export function must(command: readonly string[], options: { cwd?: string; input?: Buffer } = {}): string {
  const [tool = '', ...args] = command;
  const result = spawnSync(tool, args, { maxBuffer: 1 << 28, ...options });
  if (result.error) throw result.error;
  if (result.status !== 0)
    throw new Error(`${command.join(' ')}: exit ${result.status}\n${result.stderr.toString().slice(-4000)}`);
  return result.stdout.toString();
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? 0)
    : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}
