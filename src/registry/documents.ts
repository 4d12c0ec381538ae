import { createHash } from 'node:crypto';
import { AptLayerError } from '../errors/index.ts';
import {
  type Descriptor,
  DOCUMENT_MAX_BYTES,
  mediaTypeOf,
  ociArchitecture,
  parseIndex,
  parseManifest,
  REF_NAME,
  serializeIndex,
  serializeLayoutMarker,
} from '../formats/oci/index.ts';
import { type RegistryReference, renderImageReference } from '../formats/reference/index.ts';
import { ensureDirectory, writeFileDurable } from '../fs/index.ts';
import type { Host } from '../host/index.ts';
import { blobPath, DEPTH_MAX, INDEX, isImage, isIndex, isManifest, MARKER } from '../oci/index.ts';
import { accessOptions, forSkopeo } from './arguments.ts';
import { RETRIES, skopeo } from './skopeo.ts';

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
  const named: Descriptor = { ...top, annotations: { [REF_NAME]: 'image' } };
  writeFileDurable(host.sys, `${stage}/${INDEX}`, serializeIndex({ manifests: [named] }));
  writeFileDurable(host.sys, `${stage}/${MARKER}`, serializeLayoutMarker());
  return digest;
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

function readManifest(host: Host, reference: RegistryReference): Promise<Buffer> {
  return inspect(host, reference, []);
}

function readConfig(host: Host, reference: RegistryReference): Promise<Buffer> {
  return inspect(host, reference, ['--config']);
}

async function inspect(host: Host, reference: RegistryReference, what: readonly string[]): Promise<Buffer> {
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

function assertSame(reference: RegistryReference, { sha256, size }: Descriptor, bytes: Buffer): void {
  const actual = createHash('sha256').update(bytes).digest('hex');
  if (actual !== sha256 || bytes.length !== size)
    throw otherBytes(reference, `sha256:${sha256}`, `sha256:${actual}`);
}

function otherBytes(reference: RegistryReference, asked: string, got: string): AptLayerError {
  return new AptLayerError(
    'INTEGRITY',
    `${renderImageReference(reference)}: the registry answered with ${got} when asked for ${asked}`,
    {
      hint: 'do not trust this registry, or what is between it and this machine',
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
