import type { Verbosity } from '../../app/index.ts';
import type { TextStyle } from '../../commands/index.ts';
import type { LogLevel, ProgressEvent } from '../../report/index.ts';
import { sanitize } from '../sanitize.ts';

type LogEvent = Extract<ProgressEvent, { type: 'log' }>;

/** A log record as lines for standard error, or undefined when it is not to be shown. */
export type LogLine = (event: LogEvent) => string | undefined;

/** syslog priorities, which systemd reads from `<N>` at the start of a line (sd-daemon(3)). */
const PRIORITY: Readonly<Record<LogLevel, number>> = { error: 3, warning: 4, info: 6, debug: 7 };

const SHOWN: Readonly<Record<Verbosity, readonly LogLevel[]>> = {
  quiet: ['error', 'warning'],
  normal: ['error', 'warning', 'info'],
  verbose: ['error', 'warning', 'info'],
  debug: ['error', 'warning', 'info', 'debug'],
};

export function logLine(verbosity: Verbosity, style: TextStyle): LogLine {
  const label: Readonly<Record<LogLevel, string>> = {
    error: `${style.red('error:')} `,
    warning: `${style.yellow('warning:')} `,
    info: '',
    debug: `${style.dim('debug:')} `,
  };
  return event => {
    if (!SHOWN[verbosity].includes(event.level)) return undefined;
    if (event.repeated === true && !['verbose', 'debug'].includes(verbosity)) return undefined;
    const fields =
      verbosity === 'debug' && event.fields !== undefined
        ? ` ${style.dim(sanitize(JSON.stringify(event.fields)))}`
        : '';
    return `${label[event.level]}${sanitize(event.text)}${fields}\n`;
  };
}

/** Puts the priority of `level` before each line of `text`. */
export function withPriority(level: LogLevel, text: string): string {
  return text.replace(/^(?=.)/gm, `<${PRIORITY[level]}>`);
}
