import { setTimeout as sleep } from 'node:timers/promises';

const TAIL_CHARACTERS = 4000;
const POLL_MS = 100;

/** What a machine wrote on its serial console. */
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
      text += data.toString('latin1').replaceAll('\r', '');
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
