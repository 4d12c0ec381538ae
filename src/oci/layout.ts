import { createHash } from 'node:crypto';
import { AptLayerError, errnoOf } from '../errors/index.ts';
import {
  type Descriptor,
  DOCUMENT_MAX_BYTES,
  type OciIndex,
  parseIndex,
  parseLayoutMarker,
} from '../formats/oci/index.ts';
import { readFileBytes, readFileIfExists } from '../fs/index.ts';
import type { Host } from '../host/index.ts';
import type { Sys } from '../sys/index.ts';

export const MARKER = 'oci-layout';
export const INDEX = 'index.json';

/** Where a layout has a blob. */
export function blobPath(directory: string, sha256: string): string {
  return `${directory}/blobs/sha256/${sha256}`;
}

/** The index of a layout; undefined where there is no layout, which an empty or absent directory is not. FORMAT when it is damaged. */
export function readLayout(sys: Sys, directory: string): OciIndex | undefined {
  const marker = readFileIfExists(sys, `${directory}/${MARKER}`, DOCUMENT_MAX_BYTES);
  if (marker === undefined) return undefined;
  parseLayoutMarker(marker);
  return parseIndex(readFileBytes(sys, `${directory}/${INDEX}`, DOCUMENT_MAX_BYTES));
}

/**
 * Waits until a directory answers: on a network file system whose server is gone it may not, and what waits in this process could not be
 * interrupted. Another process can; it asks for the file that a layout begins with. Nothing is said of whether that is there.
 */
export async function awaitLayout({ runner }: Host, directory: string): Promise<void> {
  await runner.run(
    { tool: 'head', args: ['--bytes=1', '--', `${directory}/${MARKER}`] },
    { okCodes: [0, 1] },
  );
}

/** A blob that fits into memory, checked against its digest. INTEGRITY names it. */
export function readDocument(sys: Sys, directory: string, { sha256, size }: Descriptor): Buffer {
  if (size > DOCUMENT_MAX_BYTES)
    throw new AptLayerError('FORMAT', `sha256:${sha256} should be a document, and has ${size} bytes`);
  const bytes = readBlob(() => readFileBytes(sys, blobPath(directory, sha256), size), sha256);
  const actual = createHash('sha256').update(bytes).digest('hex');
  if (actual !== sha256) throw damagedBlob(sha256, `has the SHA-256 ${actual}`);
  return bytes;
}

/** Runs what reads a blob, and says of one that is missing which it is. */
export function readBlob<T>(read: () => T, sha256: string): T {
  try {
    return read();
  } catch (error) {
    const missing =
      errnoOf(error) === 'ENOENT' || (error instanceof AptLayerError && error.code === 'NOT_FOUND');
    if (missing) throw damagedBlob(sha256, 'is missing');
    throw error;
  }
}

export function damagedBlob(sha256: string, reason: string): AptLayerError {
  return new AptLayerError('INTEGRITY', `the blob sha256:${sha256} ${reason}`, {
    hint: 'the layout is damaged: make or copy it again',
    details: { blob: `sha256:${sha256}` },
  });
}
