export { type ZstdCompressor, zstdCompressor, zstdVersion } from './compress-zstd.ts';
export { createSys } from './create.ts';
export { type Compression, decompress } from './decompress.ts';
export { type Fault, parseFault } from './fault.ts';
export type { Stat, Sys, SysPath, Times } from './sys.ts';
