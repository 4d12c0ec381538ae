import type { GlobalOptions } from '../app/index.ts';
import { createStyle } from '../commands/index.ts';
import { type Reporter, teeReporter } from '../report/index.ts';
import { createJsonLines } from './progress/json-lines.ts';
import { logLine } from './progress/log-line.ts';
import { createPlainRenderer } from './progress/plain.ts';
import { createTerminalRenderer } from './progress/terminal.ts';
import type { Terminal } from './terminal.ts';

export interface Progress {
  readonly reporter: Reporter;
  /** Makes room for other output. */
  clear(): void;
  close(): void;
}

const TICK_MS = 500;

/** What `globals` and the streams ask for: a terminal line or plain lines, and JSON lines besides. */
export function createProgress(globals: GlobalOptions, terminal: Terminal): Progress {
  const { stderr } = terminal;
  const style = createStyle({
    color: usesColor(globals, terminal, stderr.isTerminal),
    columns: stderr.columns(),
  });
  const log = logLine(globals.verbosity, style);
  const write = (text: string) => stderr.write(text);
  const others =
    globals.progressFd === undefined
      ? []
      : [createJsonLines(terminal.openDescriptor(globals.progressFd), terminal.now)];
  if (!stderr.isTerminal || globals.verbosity === 'quiet' || terminal.isJournal) {
    const plain = createPlainRenderer({
      write,
      log,
      showsSteps: globals.verbosity !== 'quiet',
      isJournal: terminal.isJournal,
    });
    return { reporter: teeReporter(plain, ...others), clear: () => undefined, close: () => undefined };
  }
  const line = createTerminalRenderer({
    write,
    columns: () => stderr.columns(),
    now: terminal.now,
    log,
    keepsSteps: globals.verbosity !== 'normal',
  });
  const timer = setInterval(() => line.tick(), TICK_MS).unref();
  return {
    reporter: teeReporter(line, ...others),
    clear: () => line.clear(),
    close() {
      clearInterval(timer);
      line.clear();
    },
  };
}

/** Colours need a terminal, no `NO_COLOR`, and no `--no-color`. */
export function usesColor(globals: GlobalOptions, terminal: Terminal, isTerminal: boolean): boolean {
  return isTerminal && globals.color && !terminal.environment.forbidsColor;
}
