import {
  metadataAge,
  refreshMetadata,
  type SearchHit,
  type SourceLists,
  type SourceUpdate,
  searchPackages,
  sourcesWithLists,
} from '../apt/index.ts';
import type { BuiltImage, LookupContext } from './context.ts';
import { cacheOf, withTarget } from './resolve.ts';

/** Seconds since the index files for the sources of `image` were fetched; undefined when they never were. */
export function listsAge(context: LookupContext, image: BuiltImage): number | undefined {
  return metadataAge(context.host, cacheOf(context, image.tree));
}

/** Fetches the index files for the sources of `image`. Throws NETWORK or SIGNATURE. */
export function refreshLists(context: LookupContext, image: BuiltImage): Promise<SourceUpdate[]> {
  return withTarget(context, image, refreshMetadata);
}

/** The sources of `image` of which there are index files. */
export function knownSources(context: LookupContext, image: BuiltImage): Promise<SourceLists[]> {
  return withTarget(context, image, sourcesWithLists);
}

/** The packages that the index files at hand have for words; USAGE for a word that is no regular expression. */
export function searchLists(
  context: LookupContext,
  image: BuiltImage,
  words: readonly string[],
): Promise<SearchHit[]> {
  return withTarget(context, image, target => searchPackages(target, words));
}
