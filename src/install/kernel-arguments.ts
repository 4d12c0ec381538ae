import { isOwnArgument } from '../boot/index.ts';
import { AptLayerError } from '../errors/index.ts';

/** Refuses (USAGE) words that a loader entry or the kernel would read as something else. */
export function checkKernelArguments(words: readonly string[]): void {
  for (const word of words) {
    // An argument with blanks is quoted as a whole or in its value; no loader has other rules for it.
    const isPlain = /^[!-~]+$/.test(word) && !word.includes('"');
    const isQuoted = /^(?:[!#-~]+=)?"[ !#-~]*"$/.test(word);
    if ((isPlain || isQuoted) && !word.startsWith('#') && !isOwnArgument(word)) continue;
    throw new AptLayerError(
      'USAGE',
      `--karg: ${JSON.stringify(word)} is not a kernel argument that can be given`,
      {
        hint: 'give one KEY or KEY=VALUE per --karg, in ASCII, with VALUE in double quotes when it has blanks',
      },
    );
  }
}

export interface SerialConsole {
  readonly unit: number;
  readonly speed: number;
}

/** The serial console that `console=ttyS0,115200n8` asks for; the last one counts. */
export function serialConsole(words: readonly string[]): SerialConsole | undefined {
  let found: SerialConsole | undefined;
  for (const word of words) {
    const match = /^console=ttyS(\d{1,2})(?:,(\d{2,7})\w*)?$/.exec(word);
    if (match !== null) found = { unit: Number(match[1]), speed: Number(match[2] ?? 115_200) };
  }
  return found;
}
