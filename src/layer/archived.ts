import {
  type ArchivedPackage,
  archivedPackages,
  listedRepositories,
  type PackageOrigin,
} from '../apt/index.ts';
import type { LookupContext } from './context.ts';
import { listsOf, type SourcedImage } from './image-archives.ts';

/** What the index files of `image` at hand say of packages with one of `names`: every version, with its origin. */
export async function packagesInArchive(
  context: LookupContext,
  image: SourcedImage,
  names: ReadonlySet<string>,
): Promise<ArchivedPackage[]> {
  return names.size === 0 ? [] : archivedPackages(context.host, await listsOf(context, image), names);
}

/** The archives of `image` of which there are verified lists at hand: where their packages are, and whose they are. */
export async function archivesAtHand(
  context: LookupContext,
  image: SourcedImage,
): Promise<{ readonly uri: string; readonly origin: PackageOrigin }[]> {
  const { cache, architectures } = await listsOf(context, image);
  return listedRepositories(context.host, cache, architectures);
}
