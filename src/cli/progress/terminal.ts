import { formatDuration, truncate } from '../../commands/index.ts';
import type { ProgressEvent } from '../../report/index.ts';
import { sanitize } from '../sanitize.ts';
import { describeAmount } from './amount.ts';
import type { LogLine } from './log-line.ts';
import { createTasks, type Task } from './tasks.ts';

/** Draws at most this often. */
const REDRAW_MS = 100;
/** Carriage return, erase to the end of the line (ECMA-48 EL). */
const ERASE = '\r\x1b[K';

export interface TerminalOptions {
  /** Writes to the terminal. */
  readonly write: (text: string) => void;
  /** Width in cells, asked at each drawing: windows are resized. */
  readonly columns: () => number;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  readonly log: LogLine;
  /** Leaves a line with the duration of each step. */
  readonly keepsSteps: boolean;
}

export interface TerminalRenderer {
  emit(event: ProgressEvent): void;
  /** Redraws the elapsed time; to be called now and then. */
  tick(): void;
  /** Takes the line away, so that something else can be written. The next event draws it again. */
  clear(): void;
}

/** One line that always tells about the task that spoke last; it is gone when the work is. */
export function createTerminalRenderer(options: TerminalOptions): TerminalRenderer {
  const tasks = createTasks(options.now);
  let drawnAt = Number.NEGATIVE_INFINITY;
  let isDrawn = false;

  const clear = () => {
    if (isDrawn) options.write(ERASE);
    isDrawn = false;
  };
  const draw = (task: Task | undefined) => {
    if (task === undefined) return clear();
    options.write(ERASE + taskLine(task, options));
    isDrawn = true;
    drawnAt = options.now();
  };
  const print = (text: string | undefined) => {
    if (text === undefined) return;
    clear();
    options.write(text);
    draw(tasks.current());
  };
  return {
    clear,
    tick: () => draw(tasks.current()),
    emit(event) {
      tasks.emit(event);
      switch (event.type) {
        case 'start':
          return draw(tasks.current());
        case 'progress':
          return options.now() - drawnAt >= REDRAW_MS ? draw(tasks.current()) : undefined;
        case 'end':
          draw(tasks.current());
          return options.keepsSteps ? print(endLine(event, tasks.textOf(event.task))) : undefined;
        case 'log':
          return print(options.log(event));
      }
    },
  };
}

function endLine(event: Extract<ProgressEvent, { type: 'end' }>, started: string): string {
  return `${sanitize(event.text ?? started)} (${formatDuration(event.durationMs)})\n`;
}

function taskLine(task: Task, options: TerminalOptions): string {
  const elapsedMs = options.now() - task.startedAt;
  const parts = [
    task.text,
    describeAmount(task),
    ...(elapsedMs >= 1000 ? [`${Math.floor(elapsedMs / 1000)} s`] : []),
  ].filter(part => part !== '');
  // The last cell stays free: some terminals wrap as soon as it is filled.
  return truncate(sanitize(parts.join('  ').replaceAll(/[\n\t]/g, ' ')), options.columns() - 1);
}
