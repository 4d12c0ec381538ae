export { type ArchivedPackage, archivedPackages } from './archived-packages.ts';
export { confirmPackages } from './confirm.ts';
export { listedRepositories, type PackageOrigin } from './list-files.ts';
export { outdatedArchives } from './outdated.ts';
export { fetchLists } from './refresh.ts';
export { type SearchHit, searchPackages } from './search.ts';
export { type SourceLists, type SourceUpdate, sourcesWithLists } from './source-states.ts';
