import { setTimeout as sleep } from 'node:timers/promises';

const TAIL_CHARACTERS = 4000;
const POLL_MS = 100;

/** Colours, cursors (CSI) and what systemd tells terminals (OSC): a person does not see them, and they stand in the middle of words. */
const ESCAPES = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[()][0-9A-B]|[78=>cM])/g;
/** One that has not come in full yet. */
const UNFINISHED = /\x1b(?:\[[0-?]*[ -/]*|\][^\x07\x1b]*\x1b?|[()])?$/;

/** What a machine wrote on its serial console, as a person reads it. */
export interface Console {
  /** Everything so far. */
  readonly text: string;
  add(data: Buffer): void;
  /** No more text will come. */
  close(): void;
  /** Waits for text from where the last match ended. Fails, with the end of the text, after `seconds` or when no more can come. */
  expect(pattern: RegExp, seconds: number): Promise<RegExpExecArray>;
  /** An error that shows the end of the text. */
  failure(message: string): Error;
}

/** An empty console. */
export function createConsole(): Console {
  let text = '';
  let rest = '';
  let position = 0;
  let closed = false;
  const failure = (message: string) =>
    new Error(`${message}; the console ends with\n${text.slice(-TAIL_CHARACTERS)}`);
  return {
    get text() {
      return text;
    },
    add(data) {
      // Firmware and kernels write bytes; a split character must not eat the next one.
      const all = rest + data.toString('latin1').replaceAll('\r', '');
      rest = UNFINISHED.exec(all)?.[0] ?? '';
      text += all.slice(0, all.length - rest.length).replace(ESCAPES, '');
    },
    close() {
      closed = true;
    },
    failure,
    async expect(pattern, seconds) {
      const search = new RegExp(pattern.source, `${pattern.flags.replace(/[gy]/g, '')}g`);
      for (const end = Date.now() + seconds * 1000; ; await sleep(POLL_MS)) {
        // In this order: what came with the end still counts.
        const last = closed || Date.now() > end;
        search.lastIndex = position;
        const found = search.exec(text);
        if (found !== null) {
          position = search.lastIndex;
          return found;
        }
        if (last)
          throw failure(
            closed ? `the machine ended without ${pattern}` : `no ${pattern} within ${seconds} s`,
          );
      }
    },
  };
}
