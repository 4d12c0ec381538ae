export type { TarEntry, TarHeader, TarType } from './entry.ts';
export { parseTar, type TarMember } from './members.ts';
export { createTarParser, type TarHandler, type TarParser, type TarParserOptions } from './parser.ts';
export { type Containment, containedHardlink, containedPath, normalisePath } from './path.ts';
export { createTarWriter, type TarWriter } from './writer.ts';
