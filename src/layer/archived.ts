import { type ArchivedPackage, archivedPackages } from '../apt/index.ts';
import type { BuiltImage, LookupContext } from './context.ts';
import { withTarget } from './resolve.ts';

/** What the index files of `image` at hand say of packages with one of `names`: every version, with its origin. */
export function packagesInArchive(
  context: LookupContext,
  image: BuiltImage,
  names: ReadonlySet<string>,
): Promise<ArchivedPackage[]> {
  return names.size === 0
    ? Promise.resolve([])
    : withTarget(context, image, target => archivedPackages(target, names));
}
