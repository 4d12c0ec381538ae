import type { Reporter } from '../report/index.ts';

const TASK = 'bootstrap';
/** At most five events a second. */
const INTERVAL_MS = 200;

/** Steps as mmdebstrap announces them, with what a person reads. */
const STEPS: readonly (readonly [RegExp, string])[] = [
  [/^I: running apt-get update/, 'Fetching package lists'],
  [/^I: downloading packages/, 'Fetching packages'],
  [/^I: extracting archives/, 'Unpacking the essential packages'],
  [/^I: installing essential packages/, 'Configuring the essential packages'],
  [/^I: installing remaining packages/, 'Installing the other packages'],
  [/^I: cleaning/, 'Cleaning up'],
];

/** apt's and dpkg's lines that show something moving. */
const MOVES =
  /^(?:Get:\d+ \S+ \S+ (?:(?<index>InRelease|\S+ Packages)|\S+ (?<fetched>\S+))|(?<doing>Unpacking|Setting up) (?<package>[^\s:]+))/;

/** Keeps the last part of what a program printed, and tells `report` how far it is. */
export interface BootstrapOutput {
  write(chunk: Buffer): void;
  /** The end of the output: at most `TAIL_BYTES`. */
  tail(): string;
}

const TAIL_BYTES = 64 * 1024;

/** Follows the output of `mmdebstrap --verbose`. `now` is in milliseconds. */
export function followBootstrap(report: Reporter, now: () => number): BootstrapOutput {
  let tail = '';
  let rest = '';
  let done = 0;
  let last = Number.NEGATIVE_INFINITY;
  const emit = (text: string, always: boolean) => {
    const time = now();
    if (!always && time - last < INTERVAL_MS) return;
    last = time;
    report.emit({ type: 'progress', task: TASK, done, total: STEPS.length, text });
  };
  const line = (text: string) => {
    const step = STEPS.findIndex(([pattern]) => pattern.test(text));
    if (step >= 0) {
      done = step;
      emit(STEPS[step]?.[1] ?? '', true);
      return;
    }
    const move = describeMove(text);
    if (move !== undefined) emit(move, false);
  };
  return {
    write(chunk) {
      const text = chunk.toString('utf8');
      tail = (tail + text).slice(-TAIL_BYTES);
      const lines = (rest + text).split('\n');
      rest = (lines.pop() ?? '').slice(-TAIL_BYTES);
      for (const each of lines) line(each);
    },
    tail: () => tail,
  };
}

function describeMove(line: string): string | undefined {
  const groups = MOVES.exec(line)?.groups;
  if (groups === undefined) return undefined;
  if (groups['doing'] !== undefined)
    return `${groups['doing'] === 'Unpacking' ? 'Unpacking' : 'Configuring'} ${groups['package']}`;
  return groups['index'] === undefined ? `Fetching ${groups['fetched']}` : 'Fetching package lists';
}
