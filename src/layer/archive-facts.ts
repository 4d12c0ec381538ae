import {
  archivedPackages,
  describeCandidates,
  fetchLists,
  metadataAge,
  type PackageFacts,
} from '../apt/index.ts';
import type { LookupContext } from './context.ts';
import { listsOf, type SourcedImage, withHostApt, withTarget } from './image-archives.ts';
import { ensureFresh, type MetadataPolicy } from './metadata.ts';

/** What the archives of `image` say of packages, `NAME` or `NAME:ARCH`; those they do not have are left out. */
export async function packageFacts(
  context: LookupContext,
  image: SourcedImage,
  names: readonly string[],
): Promise<PackageFacts[]> {
  if (names.length === 0) return [];
  const lists = await listsOf(context, image);
  return withTarget(context, image, lists, target => describeCandidates(target, names));
}

/** Every version of packages, `NAME` or `NAME:ARCH`, that the archives of `image` have, by name as asked for. */
export async function versionsInArchive(
  context: LookupContext,
  image: SourcedImage,
  options: { readonly names: readonly string[]; readonly metadata: MetadataPolicy },
): Promise<Map<string, string[]>> {
  const { names, metadata } = options;
  if (names.length === 0) return new Map();
  const lists = await listsOf(context, image);
  await ensureFresh(context.host.report, metadata, {
    of: 'this base',
    age: metadataAge(context.host, lists.cache),
    refresh: () => withHostApt(context, lists, fetchLists),
  });
  const bare = (name: string) => name.split(':')[0] ?? name;
  const archived = archivedPackages(context.host, lists, new Set(names.map(bare)));
  return new Map(
    names.map(wanted => {
      const versions = archived.filter(
        ({ name, architecture }) => wanted === name || wanted === `${name}:${architecture}`,
      );
      return [wanted, [...new Set(versions.map(one => one.version))]];
    }),
  );
}
