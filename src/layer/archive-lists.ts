import {
  fetchLists,
  markLists,
  metadataAge,
  type SearchHit,
  type SourceLists,
  type SourceUpdate,
  searchPackages,
  sourcesWithLists,
} from '../apt/index.ts';
import type { LookupContext } from './context.ts';
import { type ImageLists, listsOf, type SourcedImage, withHostApt } from './image-archives.ts';
import { treeFiles } from './tree-files.ts';

/** Seconds since the index files for the sources of `image` were fetched; undefined when they never were. */
export async function listsAge(context: LookupContext, image: SourcedImage): Promise<number | undefined> {
  return metadataAge(context.host, (await listsOf(context, image)).cache);
}

/** Fetches the index files for the sources of `image`. Throws NETWORK or SIGNATURE. */
export async function refreshLists(context: LookupContext, image: SourcedImage): Promise<SourceUpdate[]> {
  const lists = await listsOf(context, image);
  const updates = await withHostApt(context, lists, fetchLists);
  publish(context, image, lists);
  return updates;
}

/** Lets anybody find the index files for the sources of `image`, whether they were fetched yet or not. CONFIG_INVALID, SIGNATURE as `listsOf`. */
export async function publishLists(context: LookupContext, image: SourcedImage): Promise<void> {
  publish(context, image, await listsOf(context, image));
}

/** Lists that are without some of the sources, this once, are not those of the image. */
function publish({ host }: LookupContext, { digest, archives }: SourcedImage, { cache }: ImageLists): void {
  if (archives.disabled.length === 0) markLists(host, cache, digest);
}

/** The sources of `image` of which there are index files. */
export async function knownSources(context: LookupContext, image: SourcedImage): Promise<SourceLists[]> {
  return sourcesWithLists(context.host, await listsOf(context, image));
}

/** The packages that the index files at hand and the image have for words; USAGE for a word that is no regular expression. */
export async function searchLists(
  context: LookupContext,
  image: SourcedImage,
  words: readonly string[],
): Promise<SearchHit[]> {
  const status = treeFiles(context.store, image.tree).read('/var/lib/dpkg/status') ?? Buffer.alloc(0);
  return searchPackages(context.host, { ...(await listsOf(context, image)), status }, words);
}
