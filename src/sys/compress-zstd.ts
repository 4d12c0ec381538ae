import { bound } from './library.ts';
import { native } from './native.ts';

/** Packs one stream after the other by zstd. What comes out depends on the bytes, the level and the library's version alone. */
export interface ZstdCompressor {
  /** Takes all of `input`, which the caller may change then, and returns what is ready by now. */
  add(input: Buffer): Buffer[];
  /** Ends the stream, and returns the rest of it; the next one begins. */
  end(): Buffer[];
  /** Frees what the library holds; to be called however it ended. */
  close(): void;
}

const zstd = bound('libzstd.so.1', 'libzstd1', library => ({
  start: library.func('void *ZSTD_createCCtx()'),
  set: library.func('size_t ZSTD_CCtx_setParameter(void *, int, int)'),
  step: library.func('size_t ZSTD_compressStream2(void *, void *, void *, int)'),
  isError: library.func('unsigned int ZSTD_isError(size_t)'),
  nameOf: library.func('const char *ZSTD_getErrorName(size_t)') as unknown as (code: number) => string,
  version: library.func('const char *ZSTD_versionString()') as unknown as () => string,
  end: library.func('size_t ZSTD_freeCCtx(void *)'),
}));

/** <zstd.h>: ZSTD_cParameter and ZSTD_EndDirective. */
const PARAMETER = { level: 100, checksum: 201, workers: 400 } as const;
const DIRECTIVE = { continue: 0, end: 2 } as const;
const BUFFER_BYTES = 256 * 1024;

/** The version of the library, such as `1.5.7`. HOST_UNSUPPORTED where it is not installed. */
export function zstdVersion(): string {
  return zstd().version();
}

/**
 * A compressor of the library, with a thread of its own that packs while the caller goes on. What was begun and not ended must not be gone on
 * with.
 */
export function zstdCompressor(level: number): ZstdCompressor {
  const { start, set, step, isError, nameOf, end } = zstd();
  const context = start() as unknown;
  const checked = (result: number) => {
    if (isError(result) !== 0) throw new Error(`zstd: ${nameOf(result)}`);
    return result;
  };
  const close = () => void end(context);
  try {
    checked(set(context, PARAMETER.level, level));
    checked(set(context, PARAMETER.checksum, 1));
    checked(set(context, PARAMETER.workers, 1));
  } catch (error) {
    close();
    throw error;
  }
  const output = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  const outputAddress = BigInt(native().addressOf(output));
  /** ZSTD_inBuffer and ZSTD_outBuffer: pointer, size and position. */
  const [into, from] = [Buffer.alloc(24), Buffer.alloc(24)];
  from.writeBigUInt64LE(outputAddress, 0);
  from.writeBigUInt64LE(BigInt(BUFFER_BYTES), 8);
  /** One call; what it made, what it used of the input so far, and what is left to flush. */
  const call = (directive: number): { made: Buffer[]; left: number } => {
    from.writeBigUInt64LE(0n, 16);
    const left = checked(step(context, from, into, directive));
    const size = Number(from.readBigUInt64LE(16));
    return { made: size === 0 ? [] : [Buffer.from(output.subarray(0, size))], left };
  };
  return {
    add(input) {
      const made: Buffer[] = [];
      if (input.length === 0) return made;
      into.writeBigUInt64LE(BigInt(native().addressOf(input)), 0);
      into.writeBigUInt64LE(BigInt(input.length), 8);
      into.writeBigUInt64LE(0n, 16);
      while (Number(into.readBigUInt64LE(16)) < input.length) made.push(...call(DIRECTIVE.continue).made);
      return made;
    },
    end() {
      into.fill(0);
      const all: Buffer[] = [];
      for (;;) {
        const { made, left } = call(DIRECTIVE.end);
        all.push(...made);
        if (left === 0) return all;
      }
    },
    close,
  };
}
