import { formatDuration } from '../../commands/index.ts';
import type { LogLevel, Reporter } from '../../report/index.ts';
import { sanitize } from '../sanitize.ts';
import { type LogLine, withPriority } from './log-line.ts';
import { createTasks } from './tasks.ts';

export interface PlainOptions {
  readonly write: (text: string) => void;
  readonly log: LogLine;
  /** Steps are left out with `--quiet`. */
  readonly showsSteps: boolean;
  /** Lines go to the journal and carry their priority. */
  readonly isJournal: boolean;
}

/** One line when a step starts and one when it ends, for files, pipes and the journal. */
export function createPlainRenderer(options: PlainOptions): Reporter {
  const tasks = createTasks(() => 0);
  const print = (level: LogLevel, text: string) =>
    options.write(options.isJournal ? withPriority(level, text) : text);
  return {
    emit(event) {
      tasks.emit(event);
      switch (event.type) {
        case 'start':
          if (options.showsSteps) print('info', `${sanitize(event.text)} ...\n`);
          return;
        case 'end':
          if (options.showsSteps) {
            const text = event.text ?? tasks.textOf(event.task);
            print('info', `${sanitize(text)} (${formatDuration(event.durationMs)})\n`);
          }
          return;
        case 'log': {
          const text = options.log(event);
          if (text !== undefined) print(event.level, text);
          return;
        }
        case 'progress':
          return;
      }
    },
  };
}
