export { type Aspect, aspectsOf, type Difference, diffNodes } from './diff.ts';
export {
  DIRENT_BYTES,
  type DirectoryPacking,
  hiddenNames,
  insertNames,
  packDirectory,
  packedBytes,
  sortedNames,
} from './directory-blocks.ts';
export { cloneDirectory, resolveParents, withNode } from './edit.ts';
export { countLinks, countSubdirectories, isWhiteout, type LinkGroups, linkGroups } from './links.ts';
export { components, lookup, lookupDirectory } from './lookup.ts';
export * from './model.ts';
export { countEntries, type WalkEntry, walk } from './walk.ts';
