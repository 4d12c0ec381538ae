import { AptLayerError } from '../errors/index.ts';
import type { DigestAlgorithm } from '../formats/verity/index.ts';

/** What `meta.json` of a composefs repository says (composefs-rs, its repository documentation). */
export interface Meta {
  readonly algorithm: DigestAlgorithm;
  /** False when the repository has features that we may read but not write. */
  readonly writable: boolean;
}

const VERSION = 1;
/** log2 of the fs-verity block size, the only one there is. */
const LOG2_BLOCK = 12;
/** Images have the EROFS layout V1; composefs-rs writes the flag for it. */
const V1_EROFS = 'v1_erofs';

export function serializeMeta(algorithm: DigestAlgorithm): string {
  const meta = {
    version: VERSION,
    algorithm: `fsverity-${algorithm}-${LOG2_BLOCK}`,
    features: { compatible: [], 'read-only-compatible': [V1_EROFS], incompatible: [] },
    erofs_formats: { default: 1 },
  };
  return `${JSON.stringify(meta, undefined, 2)}\n`;
}

/**
 * Reads `meta.json`. A newer version or an unknown incompatible feature is CONFIG_INVALID; an unknown
 * read-only-compatible feature makes the repository read-only; compatible ones do not matter.
 */
export function parseMeta(text: string, path: string): Meta {
  const json = parseJson(text, path);
  const version = json['version'];
  if (typeof version !== 'number') throw invalid(path, 'has no version');
  if (version > VERSION)
    throw new AptLayerError(
      'CONFIG_INVALID',
      `${path}: the store has version ${version}; this program knows ${VERSION}`,
      {
        hint: 'use the newer apt-layer that wrote it',
      },
    );
  const match = /^fsverity-(sha256|sha512)-(\d+)$/.exec(String(json['algorithm']));
  if (match === null || Number(match[2]) !== LOG2_BLOCK)
    throw invalid(
      path,
      `has the algorithm ${JSON.stringify(json['algorithm'])}, not fsverity-sha256-12 or fsverity-sha512-12`,
    );
  const features = isObject(json['features']) ? json['features'] : {};
  const unknown = names(features['incompatible']);
  if (unknown.length > 0)
    throw new AptLayerError(
      'CONFIG_INVALID',
      `${path}: the store needs ${unknown.join(', ')}, which this program does not have`,
      {
        hint: 'use the newer program that wrote it',
      },
    );
  const writable = names(features['read-only-compatible']).every(name => name === V1_EROFS);
  return { algorithm: match[1] as DigestAlgorithm, writable };
}

function parseJson(text: string, path: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw invalid(path, 'is not a JSON object');
}

function names(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(path: string, reason: string): AptLayerError {
  return new AptLayerError('CONFIG_INVALID', `${path} ${reason}`, {
    hint: 'check the store with `apt-layer fsck`',
  });
}
