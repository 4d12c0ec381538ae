import { AptLayerError } from '../errors/index.ts';
import { readFileIfExists } from '../fs/index.ts';
import { isObject, type JsonObject, parseStateFile, STATE_FILE_MAX_BYTES, stringArray } from './json.ts';
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

/**
 * Refuses (CONFIG_INVALID) a sysroot that a newer program wrote and this one would misread. `purpose` says whether the
 * caller is going to change it. False when the sysroot has no state yet.
 */
export function checkStateVersion({ host: { sys }, sysroot }: Sysroot, purpose: 'read' | 'write'): boolean {
  const path = statePaths(sysroot).version;
  const data = readFileIfExists(sys, path, STATE_FILE_MAX_BYTES);
  if (data === undefined) return false;
  const file = withHint(path, () => parseStateFile(path, data));
  const { version } = file;
  if (typeof version !== 'number' || !Number.isInteger(version) || version < 1)
    throw new AptLayerError('CONFIG_INVALID', `${path} has no valid version`, { hint: wayOut(path) });
  if (version > VERSION) throw newer(sysroot, `state format ${version}; this program knows up to ${VERSION}`);
  const unknown = unknownFeature(path, file, purpose);
  if (unknown !== undefined) throw newer(sysroot, `the feature ${JSON.stringify(unknown)}`);
  return true;
}

function unknownFeature(path: string, file: JsonObject, purpose: 'read' | 'write'): string | undefined {
  const features = file['features'] ?? {};
  if (!isObject(features)) throw new AptLayerError('CONFIG_INVALID', `${path}: features is not an object`);
  const sets =
    purpose === 'write' ? (['incompatible', 'readOnlyCompatible'] as const) : (['incompatible'] as const);
  for (const set of sets) {
    const names = stringArray(features[set] ?? []);
    if (names === undefined)
      throw new AptLayerError('CONFIG_INVALID', `${path}: features.${set} is not a list of names`);
    const known: readonly string[] = KNOWN[set];
    const unknown = names.find(name => !known.includes(name));
    if (unknown !== undefined) return unknown;
  }
  return undefined;
}

function wayOut(path: string): string {
  return `no newer apt-layer wrote it? Then remove it: rm ${path}; the next change writes a new one`;
}

function withHint<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof AptLayerError)) throw error;
    throw new AptLayerError(error.code, error.message, { hint: wayOut(path), cause: error });
  }
}

function newer(sysroot: string, uses: string): AptLayerError {
  return new AptLayerError('CONFIG_INVALID', `${sysroot} was written by a newer apt-layer: it uses ${uses}`, {
    hint: 'use that version of apt-layer, or another --sysroot',
  });
}
