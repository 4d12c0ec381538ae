export { publishListsOf } from './lists.ts';
export { publicOrigin } from './public-origin.ts';
export { type PackageSpec, packageSpecOf } from './read-spec.ts';
export { writeRecords } from './recovery.ts';
