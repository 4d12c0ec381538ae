export { type ArchivedPackage, archivedPackages } from './archived-packages.ts';
export { confirmPackages } from './confirm.ts';
export { listedRepositories, type PackageOrigin } from './list-files.ts';
export { outdatedArchives } from './outdated.ts';
export { type KnownArchive, markedArchives, markLists, type PublicLists, publicLists } from './public.ts';
export { fetchLists } from './refresh.ts';
export { type SearchedPackage, type SearchHit, searchPackages, searchPublicLists } from './search.ts';
export { type SourceLists, type SourceUpdate, sourcesWithLists } from './source-states.ts';
