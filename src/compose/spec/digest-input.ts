import type { Spec } from './model.ts';
import { plainSpec } from './render.ts';
import { mapPaths } from './resolve-paths.ts';

/** JSON whose objects have their keys in byte order, so that equal values have equal text. */
export type CanonicalJson =
  | string
  | number
  | boolean
  | null
  | readonly CanonicalJson[]
  | { readonly [key: string]: CanonicalJson };

/**
 * Everything of a spec that influences the image, for keys of caches: equal specs give the same
 * `JSON.stringify`, byte for byte. The name and the version are not in it, nor is the order of lists where order
 * means nothing. A path on the building machine stands for its content, so `digestOf` gives the digest of the
 * file at each path that `inputFiles` lists.
 */
export function specDigestInput(spec: Spec, digestOf: (path: string) => string): CanonicalJson {
  const { name: _name, version: _version, ...imageSpec } = mapPaths(spec, path => `digest:${digestOf(path)}`);
  const { bootstrap, ...rest } = plainSpec(imageSpec);
  const files = [...imageSpec.files].sort((a, b) => (a.path < b.path ? -1 : 1));
  return canonical({
    ...rest,
    ...(bootstrap === undefined || spec.baseImage.kind !== 'apt' ? {} : { bootstrap }),
    layers: sorted(rest['layers']),
    files,
    services: Object.fromEntries(
      Object.entries(imageSpec.services).map(([verb, units]) => [verb, sorted(units)]),
    ),
    remove: sorted(rest['remove']),
  });
}

function sorted(list: unknown): readonly string[] {
  return [...((list ?? []) as readonly string[])].sort();
}

function canonical(value: unknown): CanonicalJson {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value as CanonicalJson;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, entry]) => [key, canonical(entry)]));
}
