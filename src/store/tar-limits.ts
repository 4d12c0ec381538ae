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
const ZEROS = Buffer.alloc(4096);

/** Counts what comes out of an archive and stops it at the limits. */
export interface Meter {
  /** What came out of the decompressor. */
  count(bytes: Buffer): void;
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
      unpacked += weightOf(bytes);
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

/** Bytes that are not in a block of zeros: those are holes where they are stored, and images of disks have gigabytes of them. */
function weightOf(bytes: Buffer): number {
  let weight = 0;
  for (let at = 0; at < bytes.length; at += ZEROS.length) {
    const block = bytes.subarray(at, at + ZEROS.length);
    if (block[0] !== 0 || !ZEROS.subarray(0, block.length).equals(block)) weight += block.length;
  }
  return weight;
}

const HINT = 'do not use this archive; if it is meant to be so, report it as a bug of apt-layer';

function tooMuch(entry: TarEntry, reason: string): FormatError {
  return new FormatError('tar', reason, { offset: entry.offset }, { hint: HINT });
}
