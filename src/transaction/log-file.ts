import { AptLayerError, errnoOf } from '../errors/index.ts';
import type { Host } from '../host/index.ts';
import { log, type ProgressEvent, type Reporter } from '../report/index.ts';

/** The `log` file of a transaction: what tools printed, and the events between, for reading after a failure. */
export interface LogFile {
  append(bytes: Buffer | string): void;
  readonly reporter: Reporter;
  close(): void;
}

/**
 * Opens the log for appending. Readable by root alone, since tools may print anything. A log that can no longer be
 * written (a full disk) is given up with one warning: the work it describes is worth more.
 */
export function openLogFile(host: Host, path: string): LogFile {
  let fd: number | undefined = host.sys.openAppend(path, 0o600);
  const close = () => {
    if (fd !== undefined) host.sys.close(fd);
    fd = undefined;
  };
  const append = (bytes: Buffer | string) => {
    if (fd === undefined) return;
    try {
      host.sys.write(fd, typeof bytes === 'string' ? Buffer.from(bytes) : bytes);
    } catch (error) {
      if (errnoOf(error) === undefined) throw error;
      close();
      log(host.report, 'warning', `the log ${path} is incomplete: ${(error as Error).message}`);
    }
  };
  const reporter: Reporter = {
    emit(event) {
      const line = logLine(event);
      if (line !== undefined) append(`${host.clock().toISOString()} ${line}\n`);
    },
  };
  return { append, reporter, close };
}

function logLine(event: ProgressEvent): string | undefined {
  switch (event.type) {
    case 'start':
      return `[${event.task}] ${event.text}`;
    case 'end':
      return `[${event.task}] done in ${Math.round(event.durationMs)} ms`;
    case 'log':
      return `${event.level}: ${event.text}${event.fields === undefined ? '' : ` ${JSON.stringify(event.fields)}`}`;
    case 'progress':
      return undefined;
  }
}

/** What `error.json` holds: the error as `--json` prints it, with the stack of a bug. */
export function describeError(error: unknown): Record<string, unknown> {
  if (error instanceof AptLayerError)
    return { code: error.code, message: error.message, hint: error.hint, details: error.details };
  return { code: 'BUG', message: String(error), stack: error instanceof Error ? error.stack : undefined };
}
