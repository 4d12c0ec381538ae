import {
  archiveVersions,
  describeCandidates,
  metadataAge,
  type PackageFacts,
  refreshMetadata,
} from '../apt/index.ts';
import type { BuiltImage, LookupContext } from './context.ts';
import { ensureFresh, type MetadataPolicy } from './metadata.ts';
import { withTarget } from './resolve.ts';

/** What the archives of `image` say of packages, `NAME` or `NAME:ARCH`; those they do not have are left out. */
export function packageFacts(
  context: LookupContext,
  image: BuiltImage,
  names: readonly string[],
): Promise<PackageFacts[]> {
  return names.length === 0
    ? Promise.resolve([])
    : withTarget(context, image, target => describeCandidates(target, names));
}

/** Every version of packages that the archives of `image` have, by name. */
export function versionsInArchive(
  context: LookupContext,
  image: BuiltImage,
  options: { readonly names: readonly string[]; readonly metadata: MetadataPolicy },
): Promise<Map<string, string[]>> {
  const { names, metadata } = options;
  if (names.length === 0) return Promise.resolve(new Map());
  return withTarget(context, image, async target => {
    await ensureFresh(target.host.report, metadata, {
      of: 'this base',
      age: metadataAge(target.host, target.cache),
      refresh: () => refreshMetadata(target),
    });
    return archiveVersions(target, names);
  });
}
