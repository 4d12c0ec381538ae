export type { LookupOptions } from './current.ts';
export { type RefreshResult, refreshSources, type SourceReport } from './refresh.ts';
export { type FoundPackage, searchArchive } from './search.ts';
