import { CODE, codeName } from '../code/index.ts';
import { AptLayerError } from '../errors/index.ts';
import { type ImageCheck, readImageCheck } from '../formats/image-check/index.ts';
import { DOCUMENT_MAX_BYTES, type OciConfig } from '../formats/oci/index.ts';
import {
  ensureDirectory,
  isDirectory,
  listDirectory,
  readFileIfExists,
  writeFileDurable,
} from '../fs/index.ts';
import type { Host } from '../host/index.ts';
import { hasImage, type WritableStore } from '../store/index.ts';
import type { Sysroot, Transaction } from '../transaction/index.ts';

/** What an image in the OCI format says beside its files. */
export type ImageConfig = Pick<OciConfig, 'run' | 'labels' | 'created'>;

/** What an image of the store was imported from. */
export interface ImageOrigin {
  /** SHA-256 of its manifest, 64 lower-case hex digits. */
  readonly manifest: string;
  /** SHA-256 of the uncompressed archive of each layer. */
  readonly diffIds: readonly string[];
  /** How it was checked; absent where it came from no registry, or by an older program. */
  readonly check?: ImageCheck | undefined;
}

interface Recorded extends ImageConfig {
  readonly version: number;
  /** Absent in what an older program wrote. */
  readonly origin?: ImageOrigin;
  /** The code that imported it: another makes other images of the same layers. */
  readonly code?: string;
}

const VERSION = 1;
/** Env may hold what is nobody's business. */
const MODE = 0o600;

const directoryOf = (sysroot: string) => `${sysroot}/state/oci`;
const fileOf = (sysroot: string, image: string) => `${directoryOf(sysroot)}/${image}.json`;

interface KeptConfig {
  readonly image: string;
  readonly config: ImageConfig;
  readonly origin: ImageOrigin;
}

/**
 * Keeps how containers of an imported image run, for when it is exported, in `state/oci/IMAGE.json`: beside the image, whose digest depends on
 * its files alone. Of two images with the same files the later one counts, but of what was found signed nothing is forgotten. Records of images
 * that the store no longer has go. Durable.
 */
export function keepConfig(
  store: WritableStore,
  sysroot: string,
  { image, config, origin }: KeptConfig,
): void {
  const { sys } = store.host;
  ensureDirectory(sys, directoryOf(sysroot));
  const { run, labels, created } = config;
  const before = recordOf(store.host, sysroot, image)?.origin;
  const check = before?.manifest === origin.manifest ? stronger(before.check, origin.check) : origin.check;
  const code = codeName(CODE.layer);
  write(store.host, fileOf(sysroot, image), {
    ...{ version: VERSION, run, labels, created, origin: { ...origin, check }, code },
  });
  for (const name of listDirectory(sys, directoryOf(sysroot))) {
    const other = /^([0-9a-f]+)\.json$/.exec(name)?.[1];
    if (other !== undefined && other !== image && !hasImage(store, other)) sys.unlink(fileOf(sysroot, other));
  }
}

/** Keeps that an image which was imported before has been checked since. Durable. */
export function keepCheck({ host }: WritableStore, sysroot: string, { image, check }: CheckedStored): void {
  const record = recordOf(host, sysroot, image);
  if (record?.origin === undefined) return;
  const origin = { ...record.origin, check: stronger(record.origin.check, check) };
  write(host, fileOf(sysroot, image), { ...record, origin });
}

/** That nobody demands a signature any more does not mean that there was none. */
function stronger(before: ImageCheck | undefined, now: ImageCheck | undefined): ImageCheck | undefined {
  return (now?.signatures.length ?? 0) > 0 ? now : (before ?? now);
}

interface CheckedStored {
  readonly image: string;
  readonly check: ImageCheck;
}

/** How an image of the store was checked before it was imported, or since; undefined where nothing is known of that. */
export function checkOf({ host, sysroot }: Sysroot, image: string): ImageCheck | undefined {
  const origin = recordOf(host, sysroot, image)?.origin;
  return origin?.check?.manifest === `sha256:${origin?.manifest}` ? origin.check : undefined;
}

/** Keeps in another sysroot what was kept of an image, where that was anything. Durable. */
export function copyConfig(from: Sysroot, to: Transaction, image: string): void {
  const bytes = readFileIfExists(from.host.sys, fileOf(from.sysroot, image), DOCUMENT_MAX_BYTES);
  if (bytes === undefined) return;
  ensureDirectory(to.host.sys, directoryOf(to.sysroot));
  writeFileDurable(to.host.sys, fileOf(to.sysroot, image), bytes, MODE);
}

/** What `keepConfig` kept; undefined when that was nothing. FORMAT names a file that is damaged or of a later version. */
export function keptConfig(host: Host, sysroot: string, image: string): ImageConfig | undefined {
  const path = fileOf(sysroot, image);
  const bytes = readFileIfExists(host.sys, path, DOCUMENT_MAX_BYTES);
  if (bytes === undefined) return undefined;
  const found = parsed(bytes.toString('utf8'));
  if (found?.version === VERSION) return found;
  throw new AptLayerError('FORMAT', `${path} is not a record that this version can read`, {
    hint: 'import the image again, or remove the file to export it without what it says',
  });
}

/** What the images of the store were imported from by this program, by the digest of the image. Records that cannot be read are left out. */
export function importedImages({ host, sysroot }: Sysroot): ReadonlyMap<string, ImageOrigin> {
  const found = new Map<string, ImageOrigin>();
  if (!isDirectory(host.sys, directoryOf(sysroot))) return found;
  for (const name of listDirectory(host.sys, directoryOf(sysroot))) {
    const image = /^([0-9a-f]{64})\.json$/.exec(name)?.[1];
    if (image === undefined) continue;
    const record = recordOf(host, sysroot, image);
    if (record?.origin !== undefined && record.code === codeName(CODE.layer)) found.set(image, record.origin);
  }
  return found;
}

function recordOf({ sys }: Host, sysroot: string, image: string): Recorded | undefined {
  const bytes = readFileIfExists(sys, fileOf(sysroot, image), DOCUMENT_MAX_BYTES);
  return bytes === undefined ? undefined : parsed(bytes.toString('utf8'));
}

function write({ sys }: Host, path: string, record: Recorded): void {
  writeFileDurable(sys, path, `${JSON.stringify(record)}\n`, MODE);
}

function parsed(text: string): Recorded | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || !('version' in value)) return undefined;
    const { run, labels } = value as { run?: unknown; labels?: unknown };
    const isWhole = typeof run === 'object' && run !== null && typeof labels === 'object' && labels !== null;
    return isWhole ? withReadCheck(value as Recorded) : undefined;
  } catch {
    return undefined;
  }
}

/** A check that cannot be read is none. */
function withReadCheck({ origin, ...record }: Recorded): Recorded {
  if (origin === undefined) return record;
  const check = readImageCheck(origin.check);
  const { manifest, diffIds } = origin;
  return { ...record, origin: { manifest, diffIds, ...(check !== undefined && { check }) } };
}
