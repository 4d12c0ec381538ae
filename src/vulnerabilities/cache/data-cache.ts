import { createHash } from 'node:crypto';
import type { Validators } from '../../apt/index.ts';
import { AptLayerError } from '../../errors/index.ts';
import { readFileIfExists, writeFileDurable } from '../../fs/index.ts';
import type { Sys } from '../../sys/index.ts';
import { isObject, publicAddress } from '../../transaction/index.ts';
import type { DataKind } from '../model.ts';

/** Version of `state.json`, and of the files that it names. */
const VERSION = 1;
const STATE_MAX_BYTES = 1024 * 1024;
const KINDS: readonly DataKind[] = ['tracker', 'osv', 'advisories'];

/** The copy at hand of the data at one address: SYSROOT/cache/vulnerabilities/KEY/state.json. Anybody may read it; removing it only costs time. */
export interface CachedData {
  readonly address: string;
  readonly kind: DataKind;
  readonly validators: Validators;
  /** When the address was asked last and had nothing newer, in seconds since 1970. */
  readonly checkedSeconds: number;
  /** The directory with a file for each release. */
  readonly files: string;
  readonly releases: readonly string[];
}

/** Where the copy of an address is. */
export function dataDirectory(sysroot: string, address: string): string {
  const key = createHash('sha256').update(address).digest('hex').slice(0, 24);
  return `${sysroot}/cache/vulnerabilities/${key}`;
}

/** The copy at hand; undefined when there is none, or one that another version of the program wrote. */
export function readCached(sys: Sys, sysroot: string, address: string): CachedData | undefined {
  const directory = dataDirectory(sysroot, address);
  const data = readFileIfExists(sys, `${directory}/state.json`, STATE_MAX_BYTES);
  const state = data === undefined ? undefined : parsed(data);
  if (!isObject(state) || state['version'] !== VERSION) return undefined;
  const { checked, generation, releases, etag, 'last-modified': lastModified } = state;
  const kind = KINDS.find(one => one === state['kind']);
  if (kind === undefined || typeof checked !== 'number' || typeof generation !== 'string') return undefined;
  if (!/^[a-z0-9-]+$/.test(generation) || !Array.isArray(releases)) return undefined;
  return {
    address,
    kind,
    validators: { etag: text(etag), lastModified: text(lastModified) },
    checkedSeconds: checked,
    files: `${directory}/${generation}`,
    releases: releases.filter((one): one is string => typeof one === 'string'),
  };
}

/** Says what the copy is now; durable. `data.files` must be. */
export function writeCached(sys: Sys, sysroot: string, data: CachedData): void {
  const state = {
    version: VERSION,
    address: publicAddress(data.address),
    kind: data.kind,
    etag: data.validators.etag ?? null,
    'last-modified': data.validators.lastModified ?? null,
    checked: data.checkedSeconds,
    generation: data.files.slice(data.files.lastIndexOf('/') + 1),
    releases: data.releases,
  };
  writeFileDurable(
    sys,
    `${dataDirectory(sysroot, data.address)}/state.json`,
    `${JSON.stringify(state, null, 2)}\n`,
  );
}

/** What cannot be read is as good as none: it is fetched again. */
function parsed(data: Buffer): unknown {
  try {
    return JSON.parse(data.toString('utf8'));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof AptLayerError) return undefined;
    throw error;
  }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
