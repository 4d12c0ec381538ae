import { AptLayerError } from '../errors/index.ts';
import { readFileIfExists } from '../fs/index.ts';
import { isObject, type JsonObject, parseObject, STATE_FILE_MAX_BYTES, stringArray } from './json.ts';
import { type Sysroot, statePaths } from './paths.ts';

/** The state format this program writes. */
const VERSION = 1;

/**
 * Feature names this program knows, as in ext4: an unknown `incompatible` one forbids any use, an unknown
 * `readOnlyCompatible` one forbids changes, an unknown `compatible` one is nothing to worry about.
 */
const KNOWN = { incompatible: [], readOnlyCompatible: [] } as const satisfies Record<
  string,
  readonly string[]
>;

/** The content of a new version file. */
export const VERSION_FILE = `${JSON.stringify({
  version: VERSION,
  features: { compatible: [], readOnlyCompatible: [], incompatible: [] },
})}\n`;

/** What a version file says: `damage` where it cannot be read, both undefined where there is none. */
export interface StateVersion {
  readonly version: number | undefined;
  readonly damage: string | undefined;
}

/**
 * Refuses (CONFIG_INVALID) a sysroot that a newer program wrote and this one would misread. `purpose` says whether the
 * caller is going to change it. A file that says nothing counts as one that is missing: it must lock nobody out, and each record of the state
 * has a version of its own, by which one of a newer program is refused.
 */
export function checkStateVersion(
  { host: { sys }, sysroot }: Sysroot,
  purpose: 'read' | 'write',
): StateVersion {
  const path = statePaths(sysroot).version;
  const data = readFileIfExists(sys, path, STATE_FILE_MAX_BYTES);
  if (data === undefined) return { version: undefined, damage: undefined };
  const file = parseObject(data.toString('utf8'));
  const version = file?.['version'];
  if (file === undefined || typeof version !== 'number' || !Number.isInteger(version) || version < 1)
    return { version: undefined, damage: `${path} says no version` };
  if (version > VERSION) throw newer(sysroot, `state format ${version}; this program knows up to ${VERSION}`);
  const features = parseFeatures(file);
  if (features === undefined) return { version: undefined, damage: `${path} says no features` };
  const unknown = unknownFeature(features, purpose);
  if (unknown !== undefined) throw newer(sysroot, `the feature ${JSON.stringify(unknown)}`);
  return { version, damage: undefined };
}

type Features = Readonly<Record<keyof typeof KNOWN, readonly string[]>>;

function parseFeatures(file: JsonObject): Features | undefined {
  const features = file['features'] ?? {};
  if (!isObject(features)) return undefined;
  const incompatible = stringArray(features['incompatible'] ?? []);
  const readOnlyCompatible = stringArray(features['readOnlyCompatible'] ?? []);
  return incompatible && readOnlyCompatible && { incompatible, readOnlyCompatible };
}

function unknownFeature(features: Features, purpose: 'read' | 'write'): string | undefined {
  const sets =
    purpose === 'write' ? (['incompatible', 'readOnlyCompatible'] as const) : (['incompatible'] as const);
  for (const set of sets) {
    const known: readonly string[] = KNOWN[set];
    const unknown = features[set].find(name => !known.includes(name));
    if (unknown !== undefined) return unknown;
  }
  return undefined;
}

function newer(sysroot: string, uses: string): AptLayerError {
  return new AptLayerError('CONFIG_INVALID', `${sysroot} was written by a newer apt-layer: it uses ${uses}`, {
    hint: 'use that version of apt-layer, or another --sysroot',
  });
}
