import { createHash } from 'node:crypto';
import { AptLayerError } from '../errors/index.ts';
import {
  type Descriptor,
  DOCUMENT_MAX_BYTES,
  mediaTypeOf,
  ociArchitecture,
  parseConfig,
  parseIndex,
  parseManifest,
  REF_NAME,
  serializeIndex,
  serializeLayoutMarker,
} from '../formats/oci/index.ts';
import {
  type RegistryReference,
  renderImageReference,
  type StorageReference,
} from '../formats/reference/index.ts';
import { ensureDirectory, writeFileDurable } from '../fs/index.ts';
import type { Host } from '../host/index.ts';
import {
  blobPath,
  compressionOf,
  DEPTH_MAX,
  INDEX,
  isImage,
  isIndex,
  isManifest,
  MARKER,
} from '../oci/index.ts';
import { accessOptions, forSkopeo } from './arguments.ts';
import { RETRIES, skopeo } from './skopeo.ts';

/** What skopeo reads from piece by piece. */
export type Fetched = RegistryReference | StorageReference;

/** Images of one architecture in one index: real ones have a few variants. */
const CANDIDATES_MAX = 32;

/** Where documents of an image are kept while it is fetched: a directory in the OCI image layout. */
interface Place {
  readonly stage: string;
  readonly reference: RegistryReference;
}

/**
 * Fetches what describes an image, without its layers: manifest and configuration, or the index with those of this architecture. They are
 * in `stage` as a layout then, as they were sent. Returns the digest of what the reference means, `sha256:HEX`. INTEGRITY where a digest
 * does not fit.
 */
export async function fetchDocuments(host: Host, place: Place): Promise<string> {
  const { stage, reference } = place;
  ensureDirectory(host.sys, `${stage}/blobs/sha256`);
  const bytes = await readManifest(host, reference);
  const top = describe(bytes);
  const digest = `sha256:${top.sha256}`;
  if (reference.digest !== undefined && reference.digest !== digest)
    throw otherBytes(reference, reference.digest, digest);
  await keep(host, place, { one: top, bytes, depth: 0 });
  name(host, stage, top);
  return digest;
}

/** Makes a layout of what is in a directory, with one image in it. */
function name({ sys }: Host, stage: string, one: Descriptor): void {
  const named: Descriptor = { ...one, annotations: { [REF_NAME]: 'image' } };
  writeFileDurable(sys, `${stage}/${INDEX}`, serializeIndex({ manifests: [named] }));
  writeFileDurable(sys, `${stage}/${MARKER}`, serializeLayoutMarker());
}

/**
 * The same of an image in podman's storage; undefined where its layers have to be copied to be known. Storage has layers unpacked, and the manifest that
 * an image came with may name the packed ones.
 */
export async function storageDocuments(
  host: Host,
  { stage, reference }: { readonly stage: string; readonly reference: StorageReference },
): Promise<string | undefined> {
  const bytes = await inspect(host, reference, []);
  const top = describe(bytes);
  if (!isManifest(top.mediaType)) return undefined;
  const manifest = parseManifest(bytes);
  if (!isImage(manifest)) return undefined;
  const config = await inspect(host, reference, ['--config']);
  assertSame(reference, manifest.config, config);
  const { diffIds } = parseConfig(config);
  const { layers } = manifest;
  const isPlain = ({ sha256, mediaType }: Descriptor, index: number) =>
    sha256 === diffIds[index] && compressionOf(mediaType) === 'none';
  if (layers.length !== diffIds.length || !layers.every(isPlain)) return undefined;
  ensureDirectory(host.sys, `${stage}/blobs/sha256`);
  writeFileDurable(host.sys, blobPath(stage, top.sha256), bytes);
  writeFileDurable(host.sys, blobPath(stage, manifest.config.sha256), config);
  name(host, stage, top);
  return `sha256:${top.sha256}`;
}

interface Document {
  readonly one: Descriptor;
  readonly bytes: Buffer;
  readonly depth: number;
}

/** Writes a document, and fetches those that it names. */
async function keep(host: Host, place: Place, { one, bytes, depth }: Document): Promise<void> {
  const { stage, reference } = place;
  writeFileDurable(host.sys, blobPath(stage, one.sha256), bytes);
  if (isManifest(one.mediaType)) {
    const manifest = parseManifest(bytes);
    if (!isImage(manifest)) return;
    const config = await readConfig(host, { ...reference, digest: `sha256:${one.sha256}` });
    assertSame(reference, manifest.config, config);
    writeFileDurable(host.sys, blobPath(stage, manifest.config.sha256), config);
    return;
  }
  if (!isIndex(one.mediaType)) throw notReadable(reference, one.mediaType);
  if (depth >= DEPTH_MAX)
    throw new AptLayerError('FORMAT', `${renderImageReference(reference)}: an index in too many others`);
  for (const inner of wanted(host, reference, bytes)) {
    const found = await readManifest(host, { ...reference, digest: `sha256:${inner.sha256}` });
    assertSame(reference, inner, found);
    await keep(host, place, { one: inner, bytes: found, depth: depth + 1 });
  }
}

/** What an index has for this architecture, and what does not say for which it is. */
function wanted(host: Host, reference: RegistryReference, bytes: Buffer): Descriptor[] {
  const architecture = ociArchitecture(host.architecture);
  const found = parseIndex(bytes).manifests.filter(
    ({ mediaType, artifactType, platform }) =>
      artifactType === undefined &&
      (isManifest(mediaType) || isIndex(mediaType)) &&
      (platform === undefined || (platform.os === 'linux' && platform.architecture === architecture)),
  );
  if (found.length <= CANDIDATES_MAX) return found;
  throw new AptLayerError(
    'FORMAT',
    `${renderImageReference(reference)}: ${found.length} images for one architecture`,
  );
}

/** The manifest or the index that a name means. */
export function readManifest(host: Host, reference: Fetched): Promise<Buffer> {
  return inspect(host, reference, []);
}

function readConfig(host: Host, reference: RegistryReference): Promise<Buffer> {
  return inspect(host, reference, ['--config']);
}

async function inspect(host: Host, reference: Fetched, what: readonly string[]): Promise<Buffer> {
  const options = [...accessOptions(host, reference, ''), ...RETRIES];
  const call = {
    verb: 'inspect',
    args: ['--raw', ...what, ...options, forSkopeo(reference)],
    where: renderImageReference(reference),
  } as const;
  return (await skopeo(host, call, { maxStdoutBytes: DOCUMENT_MAX_BYTES, timeoutMs: DOCUMENT_TIMEOUT_MS }))
    .stdout;
}

/** A document has some kilobytes: a registry that takes longer does not answer. */
const DOCUMENT_TIMEOUT_MS = 120_000;

function describe(bytes: Buffer): Descriptor {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const mediaType = mediaTypeOf(bytes) ?? 'something else than an index or a manifest';
  return { mediaType, sha256, size: bytes.length, annotations: {}, platform: undefined };
}

function assertSame(reference: Fetched, { sha256, size }: Descriptor, bytes: Buffer): void {
  const actual = createHash('sha256').update(bytes).digest('hex');
  if (actual !== sha256 || bytes.length !== size)
    throw otherBytes(reference, `sha256:${sha256}`, `sha256:${actual}`);
}

function otherBytes(reference: Fetched, asked: string, got: string): AptLayerError {
  return new AptLayerError(
    'INTEGRITY',
    `${renderImageReference(reference)}: ${reference.transport === 'registry' ? 'the registry' : 'the storage'} answered with ${got} when asked for ${asked}`,
    {
      hint:
        reference.transport === 'registry'
          ? 'do not trust this registry, or what is between it and this machine'
          : 'the storage of podman is damaged: remove the image there, and make it anew',
    },
  );
}

function notReadable(reference: RegistryReference, mediaType: string): AptLayerError {
  const isOld = /\.v1\+(?:json|prettyjws)$/.test(mediaType) && mediaType.includes('docker');
  return new AptLayerError(
    'FORMAT',
    `${renderImageReference(reference)}: ${isOld ? "it is in docker's schema 1, which has no digests of layers" : `it is ${JSON.stringify(mediaType)}, and no image`}`,
    { hint: isOld ? 'have it pushed again by a program of this decade' : undefined },
  );
}
