export type { Place } from './hardlinks.ts';
export { type ParsedDump, parseDump } from './parser.ts';
export { serializeDump } from './serializer.ts';
