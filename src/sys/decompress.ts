import { AptLayerError } from '../errors/index.ts';
import { bound } from './library.ts';
import { native } from './native.ts';

export type Compression = 'gzip' | 'xz' | 'zstd' | 'bzip2' | 'lzma';

export interface DecompressStreams {
  /** Fills the buffer from its start and returns how many bytes; 0 at the end of the input. */
  readonly read: (buffer: Buffer) => number;
  /** Gets what came out; a view that is overwritten after the call. */
  readonly write: (chunk: Buffer) => void;
  /** Goes on with what follows the end of a stream as with another stream (RFC 1952, 2.2). */
  readonly concatenated?: boolean;
}

/**
 * Decompresses, in this thread, with the library that dpkg itself uses; what follows the first stream is
 * ignored, as dpkg does, unless `concatenated`. FORMAT when it is damaged or cut. Memory is bounded whatever the stream says.
 */
export function decompress(compression: Compression, streams: DecompressStreams): void {
  const input = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  const output = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  const addresses = { input: addressOf(input), output: addressOf(output) };
  const io: Io = { ...streams, input, output, from: 0, to: 0, last: false };
  do {
    const codec = CODECS[compression](addresses);
    try {
      run(codec, io);
    } finally {
      codec.end();
    }
  } while (streams.concatenated === true && refill(io));
}

const BUFFER_BYTES = 256 * 1024;
/** `xz -9` needs 65 MiB. */
const XZ_MEMORY_MAX = 1024 ** 3;

/** One decoder: `step` takes what it can of the input and fills what it can of the output. */
interface Codec {
  step(available: { from: number; to: number; last: boolean }): Step;
  end(): void;
}

interface Step {
  /** Bytes of input that are used now, counted from the start of the buffer. */
  readonly used: number;
  readonly produced: number;
  readonly isDone: boolean;
  /** What is wrong, if anything is. */
  readonly failure: string | undefined;
}

interface Addresses {
  readonly input: bigint;
  readonly output: bigint;
}

/** The buffers; of the input, what is between `from` and `to` is not used yet. */
interface Io extends DecompressStreams {
  readonly input: Buffer;
  readonly output: Buffer;
  from: number;
  to: number;
  /** Nothing comes behind it. */
  last: boolean;
}

/** Whether there is input that is not used. */
function refill(io: Io): boolean {
  if (io.from === io.to && !io.last) {
    io.from = 0;
    io.to = io.read(io.input);
    io.last = io.to === 0;
  }
  return io.from < io.to;
}

/** Up to the end of one stream. */
function run(codec: Codec, io: Io): void {
  for (;;) {
    refill(io);
    const { used, produced, isDone, failure } = codec.step(io);
    if (failure !== undefined) throw damaged(failure);
    if (produced > 0) io.write(io.output.subarray(0, produced));
    io.from = used;
    if (isDone) return;
    if (io.last && produced === 0) throw damaged('it is cut off');
  }
}

function damaged(reason: string): AptLayerError {
  return new AptLayerError('FORMAT', `the compressed data is damaged: ${reason}`, {
    hint: 'fetch the archive again',
  });
}

function addressOf(buffer: Buffer): bigint {
  return BigInt(native().addressOf(buffer));
}

const lzma = bound('liblzma.so.5', 'liblzma5', library => ({
  start: library.func('int lzma_stream_decoder(void *, uint64_t, uint32_t)'),
  startAlone: library.func('int lzma_alone_decoder(void *, uint64_t)'),
  step: library.func('int lzma_code(void *, int)'),
  end: library.func('void lzma_end(void *)'),
}));

const zlib = bound('libz.so.1', 'zlib1g', library => ({
  start: library.func('int inflateInit2_(void *, int, void *, int)'),
  step: library.func('int inflate(void *, int)'),
  end: library.func('int inflateEnd(void *)'),
}));

const zstd = bound('libzstd.so.1', 'libzstd1', library => ({
  start: library.func('void *ZSTD_createDCtx()'),
  step: library.func('size_t ZSTD_decompressStream(void *, void *, void *)'),
  isError: library.func('unsigned int ZSTD_isError(size_t)'),
  nameOf: library.func('const char *ZSTD_getErrorName(size_t)') as unknown as (code: number) => string,
  end: library.func('size_t ZSTD_freeDCtx(void *)'),
}));

const bzip2 = bound('libbz2.so.1.0', 'libbz2-1.0', library => ({
  start: library.func('int BZ2_bzDecompressInit(void *, int, int)'),
  step: library.func('int BZ2_bzDecompress(void *)'),
  end: library.func('int BZ2_bzDecompressEnd(void *)'),
}));

const CODECS: Readonly<Record<Compression, (addresses: Addresses) => Codec>> = {
  xz: addresses => lzmaCodec(addresses, stream => lzma().start(stream, XZ_MEMORY_MAX, 0)),
  lzma: addresses => lzmaCodec(addresses, stream => lzma().startAlone(stream, XZ_MEMORY_MAX)),
  bzip2: bzip2Codec,
  gzip: gzipCodec,
  zstd: zstdCodec,
};

/** <lzma/base.h>: lzma_stream is 136 bytes; next_in, avail_in, total_in, next_out, avail_out come first. */
function lzmaCodec(addresses: Addresses, start: (stream: Buffer) => unknown): Codec {
  const { step: code, end } = lzma();
  const stream = Buffer.alloc(136);
  const started = start(stream);
  if (started !== 0) throw new Error(`no decoder of liblzma: ${String(started)}`);
  const [RUN, FINISH] = [0, 3];
  const [OK, STREAM_END, BUF_ERROR] = [0, 1, 10];
  return {
    step({ from, to, last }) {
      stream.writeBigUInt64LE(addresses.input + BigInt(from), 0);
      stream.writeBigUInt64LE(BigInt(to - from), 8);
      stream.writeBigUInt64LE(addresses.output, 24);
      stream.writeBigUInt64LE(BigInt(BUFFER_BYTES), 32);
      const result = code(stream, last ? FINISH : RUN);
      return {
        used: to - Number(stream.readBigUInt64LE(8)),
        produced: BUFFER_BYTES - Number(stream.readBigUInt64LE(32)),
        isDone: result === STREAM_END,
        failure: [OK, STREAM_END, BUF_ERROR].includes(result) ? undefined : `lzma error ${result}`,
      };
    },
    end: () => void end(stream),
  };
}

/** <bzlib.h>: bz_stream is 80 bytes; next_in, avail_in (32 bits), total_in, next_out, avail_out (32 bits), total_out come first. */
function bzip2Codec(addresses: Addresses): Codec {
  const { start, step: code, end } = bzip2();
  const stream = Buffer.alloc(80);
  const started = start(stream, 0, 0);
  if (started !== 0) throw new Error(`BZ2_bzDecompressInit failed with ${started}`);
  const [OK, STREAM_END] = [0, 4];
  return {
    step({ from, to }) {
      stream.writeBigUInt64LE(addresses.input + BigInt(from), 0);
      stream.writeUInt32LE(to - from, 8);
      stream.writeBigUInt64LE(addresses.output, 24);
      stream.writeUInt32LE(BUFFER_BYTES, 32);
      const result = code(stream);
      return {
        used: to - stream.readUInt32LE(8),
        produced: BUFFER_BYTES - stream.readUInt32LE(32),
        isDone: result === STREAM_END,
        failure: result === OK || result === STREAM_END ? undefined : `bzip2 error ${result}`,
      };
    },
    end: () => void end(stream),
  };
}

/** inflateInit compares its first digit only. */
const ZLIB_VERSION = Buffer.from('1.2.11\0');

/** <zlib.h>: z_stream is 112 bytes: next_in, avail_in (32 bits), total_in, next_out, avail_out (32 bits) ... */
function gzipCodec(addresses: Addresses): Codec {
  const { start, step: inflate, end } = zlib();
  const stream = Buffer.alloc(112);
  // 15 bits of window, +16: a gzip header is expected.
  const started = start(stream, 31, ZLIB_VERSION, 112);
  if (started !== 0) throw new Error(`inflateInit2 failed with ${started}`);
  const [OK, STREAM_END, BUF_ERROR] = [0, 1, -5];
  return {
    step({ from, to }) {
      stream.writeBigUInt64LE(addresses.input + BigInt(from), 0);
      stream.writeUInt32LE(to - from, 8);
      stream.writeBigUInt64LE(addresses.output, 24);
      stream.writeUInt32LE(BUFFER_BYTES, 32);
      const result = inflate(stream, 0);
      return {
        used: to - stream.readUInt32LE(8),
        produced: BUFFER_BYTES - stream.readUInt32LE(32),
        isDone: result === STREAM_END,
        failure: [OK, STREAM_END, BUF_ERROR].includes(result) ? undefined : `zlib error ${result}`,
      };
    },
    end: () => void end(stream),
  };
}

/** <zstd.h>: ZSTD_inBuffer and ZSTD_outBuffer are pointer, size and position. */
function zstdCodec(addresses: Addresses): Codec {
  const { start, step: decode, isError, nameOf, end } = zstd();
  const input = Buffer.alloc(24);
  const output = Buffer.alloc(24);
  const context = start() as unknown;
  return {
    step({ from, to }) {
      input.writeBigUInt64LE(addresses.input, 0);
      input.writeBigUInt64LE(BigInt(to), 8);
      input.writeBigUInt64LE(BigInt(from), 16);
      output.writeBigUInt64LE(addresses.output, 0);
      output.writeBigUInt64LE(BigInt(BUFFER_BYTES), 8);
      output.writeBigUInt64LE(0n, 16);
      const result = decode(context, output, input);
      return {
        used: Number(input.readBigUInt64LE(16)),
        produced: Number(output.readBigUInt64LE(16)),
        isDone: result === 0,
        failure: isError(result) !== 0 ? `zstd: ${nameOf(result)}` : undefined,
      };
    },
    end: () => void end(context),
  };
}
