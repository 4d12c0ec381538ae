import { log, type Reporter } from '../report/index.ts';

/** What stands for a value that may be a secret. */
const HIDDEN = '***';
/** A shorter value is found in words that have nothing to do with it. */
const SECRET_MIN = 6;
const KEPT_LINES = 400;
const LINE_MAX = 10_000;

/** Takes what an engine says, line by line. */
export interface EngineOutput {
  take(chunk: Buffer): void;
  end(): void;
  /** The step that ran last, and the end of what was said in it. */
  lastStep(): string;
}

interface Options {
  /** Values that nobody is to read. */
  readonly secrets: readonly string[];
  readonly report: Reporter;
  /** Gets each line, for the log of the transaction. */
  readonly onLine: (line: string) => void;
}

/** How podman and buildah, and docker with BuildKit and without, say that a step begins. */
const STEP = /^(?:\[\d+\/\d+\] )?STEP \d+\/\d+: |^#\d+ \[[^\]]*\d+\/\d+\] |^Step \d+\/\d+ : /;
const SHOWN_LINES = 15;

/** Says each step as it begins, and keeps the end for an error. Values of arguments are out of all of it. */
export function engineOutput({ secrets, report, onLine }: Options): EngineOutput {
  const hidden = secrets.filter(one => one.length >= SECRET_MIN).sort((a, b) => b.length - a.length);
  let partial = '';
  let lines: string[] = [];
  const line = (text: string) => {
    const shown = hidden.reduce((rest, secret) => rest.replaceAll(secret, HIDDEN), text.slice(0, LINE_MAX));
    onLine(shown);
    if (STEP.test(shown)) {
      lines = [];
      log(report, 'info', shown);
    }
    lines.push(shown);
    if (lines.length > KEPT_LINES) lines.splice(1, 1);
  };
  return {
    take(chunk) {
      const all = `${partial}${chunk.toString('utf8')}`.split(/\r?\n/);
      partial = (all.pop() ?? '').slice(0, LINE_MAX);
      for (const one of all) line(one);
    },
    end() {
      if (partial !== '') line(partial);
      partial = '';
    },
    lastStep() {
      const said = lines.filter(one => one.trim() !== '');
      const [first = '', ...rest] = said;
      return [first, ...rest.slice(-SHOWN_LINES)].join('\n');
    },
  };
}
