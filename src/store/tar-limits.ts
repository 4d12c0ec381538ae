import { AptLayerError, FormatError } from '../errors/index.ts';
import type { TarEntry, TarHandler } from '../formats/tar/index.ts';

/** How much one archive may hold. Far above anything real, far below what harms a machine. */
export interface TarLimits {
  readonly entries: number;
  /** Bytes of all bodies together. */
  readonly bytes: number;
}

/** Compressed real files do not get this much smaller, except small ones. */
const RATIO_MAX = 2000;
const RATIO_FREE_BYTES = 1024 ** 3;

/** Counts what comes out of an archive and stops it at the limits. */
export interface Meter {
  /** Bytes that came out of the decompressor. */
  count(bytes: number): void;
  watch(handler: TarHandler): TarHandler;
}

/** `packedBytes` is the size of the compressed archive. */
export function openMeter(limits: TarLimits, packedBytes: number): Meter {
  let unpacked = 0;
  let entries = 0;
  let declared = 0;
  const admit = (entry: TarEntry) => {
    entries += 1;
    declared += entry.size;
    if (entries > limits.entries) throw tooMuch(entry, `it has more than ${limits.entries} entries`);
    if (declared > limits.bytes) throw tooMuch(entry, `its files have more than ${limits.bytes} bytes`);
  };
  return {
    count(bytes) {
      unpacked += bytes;
      if (unpacked > RATIO_FREE_BYTES && unpacked > packedBytes * RATIO_MAX)
        throw new AptLayerError('FORMAT', `it unpacks to more than ${RATIO_MAX} times its size`, {
          hint: HINT,
        });
    },
    watch: handler => ({
      ...handler,
      entry(entry) {
        admit(entry);
        handler.entry(entry);
      },
    }),
  };
}

const HINT = 'do not use this archive; if it is meant to be so, report it as a bug of apt-layer';

function tooMuch(entry: TarEntry, reason: string): FormatError {
  return new FormatError('tar', reason, { offset: entry.offset }, { hint: HINT });
}
