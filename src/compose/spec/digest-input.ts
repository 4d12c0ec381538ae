import { posix } from 'node:path';
import type { LayerPolicy, Spec } from './model.ts';
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

type CanonicalRecord = { readonly [key: string]: CanonicalJson };

/**
 * Everything of a spec that influences the image, for keys of caches: equal specs give the same
 * `JSON.stringify`, byte for byte. What only names or describes a deployment is not in it, nor what is said about
 * kernel arguments, about how the system is protected and about how scripts are judged, nor the order of lists where order means nothing: that of layers decides who wins a conflict that a policy settles. A path on the
 * building machine stands for its content, so `digestOf` gives the digest of the file at each path that `inputFiles`
 * lists; only inputs of scripts have a name as well, by which the script finds them.
 */
export function specDigestInput(spec: Spec, digestOf: (path: string) => string): CanonicalRecord {
  const imageSpec = mapPaths(spec, path => `digest:${digestOf(path)}`);
  const scripts = spec.scripts.map((script, index) => ({
    ...imageSpec.scripts[index]!,
    inputs: script.inputs.map(path => `${posix.basename(path)} digest:${digestOf(path)}`).sort(),
  }));
  const layerPolicies = imageSpec.layerPolicies.flatMap(ofTheImage);
  const plain = plainSpec({ ...imageSpec, scripts, layerPolicies });
  const { bootstrap, ...rest } = Object.fromEntries(
    Object.entries(plain).filter(([key]) => !NOT_OF_THE_IMAGE.includes(key)),
  );
  const files = [...imageSpec.files].sort((a, b) => (a.path < b.path ? -1 : 1));
  return canonicalRecord({
    ...rest,
    // What is built of it is known by its digest, wherever the files lie.
    ...(spec.baseImage.kind === 'containerfile' && { 'base-image': 'containerfile' }),
    ...(bootstrap === undefined || spec.baseImage.kind !== 'apt' ? {} : { bootstrap }),
    layers: settlesConflicts(spec) ? rest['layers'] : sorted(rest['layers']),
    files,
    services: Object.fromEntries(
      Object.entries(imageSpec.services).map(([verb, units]) => [verb, sorted(units)]),
    ),
    remove: sorted(rest['remove']),
    overrides: sorted(rest['overrides']),
    holds: sorted(rest['holds']),
  });
}

const NOT_OF_THE_IMAGE = [
  'name',
  'version',
  'maintainer-scripts',
  'snapshot',
  'kernel-arguments',
  'security',
  'labels',
];

/** A policy without what is said about judging scripts; none where nothing else is said. */
function ofTheImage({ validationMode: _, ...policy }: LayerPolicy): LayerPolicy[] {
  const { preservePermissions, conflictResolution, network } = policy;
  const saysMore = preservePermissions !== undefined || conflictResolution !== undefined || network === true;
  return saysMore ? [policy] : [];
}

/** Whether the order of layers decides anything. */
function settlesConflicts({ metadata, layerPolicies }: Spec): boolean {
  return [metadata, ...layerPolicies].some(policy => policy.conflictResolution !== undefined);
}

function sorted(list: unknown): readonly CanonicalJson[] {
  return ((list ?? []) as readonly unknown[])
    .map(canonical)
    .map(entry => [JSON.stringify(entry), entry] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, entry]) => entry);
}

function canonical(value: unknown): CanonicalJson {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value as CanonicalJson;
  return canonicalRecord(value);
}

function canonicalRecord(value: object): CanonicalRecord {
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, entry]) => [key, canonical(entry)]));
}
