export { type CachedData, readCached } from './data-cache.ts';
export { refreshData } from './refresh.ts';
export { type ReleaseContent, readRelease } from './release-files.ts';
