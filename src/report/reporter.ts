/** Version of the progress protocol written by `--progress-fd`. */
export const PROGRESS_VERSION = 1;

export type LogLevel = 'debug' | 'info' | 'warning' | 'error';

/**
 * What the core says about its work. It never draws: `cli/` renders these as a terminal line, plain lines or
 * JSON lines, and the transaction's log keeps them.
 */
export type ProgressEvent =
  | {
      readonly type: 'start';
      readonly task: string;
      readonly text: string;
      readonly total?: number;
      readonly unit?: 'bytes' | 'items';
    }
  | {
      readonly type: 'progress';
      readonly task: string;
      readonly done: number;
      readonly total?: number;
      readonly text?: string;
    }
  | { readonly type: 'end'; readonly task: string; readonly text?: string; readonly durationMs: number }
  | {
      readonly type: 'log';
      readonly level: LogLevel;
      readonly text: string;
      readonly fields?: Readonly<Record<string, unknown>>;
      /** It was said before, when what it is about came into the system. */
      readonly repeated?: true;
    };

/** Takes events; implementations must not throw. `task` is a stable machine name such as `fetch` or `configure`. */
export interface Reporter {
  emit(event: ProgressEvent): void;
}

/** A reporter that drops everything, for library use and unit tests. */
export const silentReporter: Reporter = {
  emit() {
    // Deliberately nothing.
  },
};

/** Sends each event to all of `reporters`. */
export function teeReporter(...reporters: readonly Reporter[]): Reporter {
  return {
    emit(event) {
      for (const reporter of reporters) reporter.emit(event);
    },
  };
}

/** Says that `action` runs as the step `task`, with its duration at the end (also when it fails). */
export async function step<T>(
  reporter: Reporter,
  task: string,
  text: string,
  action: () => Promise<T> | T,
): Promise<T> {
  const started = performance.now();
  reporter.emit({ type: 'start', task, text });
  try {
    return await action();
  } finally {
    reporter.emit({ type: 'end', task, durationMs: performance.now() - started });
  }
}

/** Writes one log record. */
export function log(
  reporter: Reporter,
  level: LogLevel,
  text: string,
  fields?: Readonly<Record<string, unknown>>,
): void {
  reporter.emit(fields === undefined ? { type: 'log', level, text } : { type: 'log', level, text, fields });
}
