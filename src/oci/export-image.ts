import { AptLayerError, withContext } from '../errors/index.ts';
import { fromText } from '../formats/bytes/index.ts';
import {
  type Descriptor,
  MEDIA_TYPE,
  type OciIndex,
  ociArchitecture,
  type Rest,
  serializeConfig,
  serializeIndex,
  serializeLayoutMarker,
  serializeManifest,
} from '../formats/oci/index.ts';
import { lookup, type Tree, walk } from '../formats/tree/index.ts';
import {
  ensureDirectory,
  isDirectory,
  listDirectory,
  syncFileSystem,
  writeFileDurable,
} from '../fs/index.ts';
import type { Host } from '../host/index.ts';
import { step } from '../report/index.ts';
import type { Store } from '../store/index.ts';
import { ADDED_LINKS, withAddedLinks } from './added-links.ts';
import { IMAGE_DIGEST } from './annotations.ts';
import type { ImageConfig } from './config-record.ts';
import { removeDead } from './dead-files.ts';
import { nameImage } from './index-file.ts';
import type { Layering } from './layering.ts';
import { awaitLayout, INDEX, MARKER, readLayout } from './layout.ts';
import type { OciLocation } from './location.ts';
import type { LayerCompression } from './pack.ts';
import type { PriorImage } from './prior.ts';
import { type Blob, writeBlob } from './write-blob.ts';
import { type WrittenLayer, writeLayers } from './write-layers.ts';

/** What is exported. */
export interface ExportedImage {
  readonly tree: Tree;
  /** Its digest. */
  readonly image: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Of the manifest, beside those that every export has. */
  readonly annotations: Readonly<Record<string, string>>;
  /** How containers of it run, and the labels it has beside `labels`; absent for an image that came without. */
  readonly config?: ImageConfig | undefined;
  readonly layering: Layering;
}

export interface ExportOptions {
  readonly compression: LayerCompression;
  /** An image in the place where the layout goes to: its layers need not be in the layout. */
  readonly there?: PriorImage | undefined;
}

export interface Exported {
  readonly tag: string;
  /** SHA-256 of the manifest, 64 lower-case hex digits. */
  readonly manifest: string;
  /** Bytes of all layers, compressed. */
  readonly size: number;
  readonly layers: {
    readonly all: number;
    /** Those that were packed now, and not taken from an earlier export, and their bytes. */
    readonly packed: number;
    readonly packedBytes: number;
  };
  /** Sockets, which no archive can hold. */
  readonly omitted: number;
}

/** The label that says the same as `created` of the configuration (annotations.md). */
const CREATED = 'org.opencontainers.image.created';
const COMMON = 'org.opencontainers.image.';
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * Writes an image into a directory in the OCI image layout: a new directory or one that has other images, which stay. An image
 * with the tag is replaced; its blobs stay for what else may need them. The same image, labels and layering give the same layers and configuration
 * and, by the same compressor, the same manifest; a layer that an export wrote there before is not made again. Durable when it returns;
 * before, the layout has what it had.
 */
export function exportOci(
  store: Store,
  location: OciLocation,
  { compression, there, ...image }: ExportedImage & ExportOptions,
): Promise<Exported> {
  const { host } = store;
  const { directory, tag = 'latest', sha256 } = location;
  if (sha256 !== undefined)
    throw new AptLayerError('USAGE', 'an image that is written gets its digest from what is in it', {
      hint: 'name it by a tag: oci:DIRECTORY:TAG',
    });
  return withContext(`writing ${directory}`, () =>
    step(host.report, 'export', `Writing ${directory}`, async () => {
      await awaitLayout(host, directory);
      const index = openForWriting(host, directory);
      removeDead(host, directory);
      const total = sizeOf(image.tree);
      let done = 0;
      const { tree, paths } = withAddedLinks(image.tree);
      const onBytes = (bytes: number) => {
        done = Math.min(done + bytes, total);
        host.report.emit({ type: 'progress', task: 'export', done, total });
      };
      const { layering } = image;
      const to = { directory, index, tree, layering, compression, there, onBytes };
      const layers = await writeLayers(store, to);
      const about = labelsOf(image, paths);
      const diffIds = layers.map(({ diffId }) => diffId);
      const config = writeBlob(host.sys, directory, configOf(host, image, { ...about, diffIds }));
      const manifest = writeBlob(
        host.sys,
        directory,
        serializeManifest({
          config: descriptor(MEDIA_TYPE.config, config),
          layers: layers.map(one => one.descriptor),
          annotations: annotationsOf(image, about),
        }),
      );
      syncFileSystem(host.sys, directory);
      await nameImage(host, directory, { image: descriptor(MEDIA_TYPE.manifest, manifest), tag });
      const packed = layers.filter(one => one.isNew);
      return {
        tag,
        manifest: manifest.sha256,
        size: bytesOf(layers),
        layers: { all: layers.length, packed: packed.length, packedBytes: bytesOf(packed) },
        omitted: countSockets(image.tree),
      };
    }),
  );
}

function bytesOf(layers: readonly WrittenLayer[]): number {
  return layers.reduce((sum, { descriptor: { size } }) => sum + size, 0);
}

/** The index of the layout, which is made where nothing is. FAILED for a directory that has something else. */
function openForWriting({ sys }: Host, directory: string): OciIndex {
  const found = readLayout(sys, directory);
  if (found !== undefined) return found;
  if (isDirectory(sys, directory) && listDirectory(sys, directory).length > 0)
    throw new AptLayerError('FAILED', `${directory} has something else than an OCI image layout in it`, {
      hint: 'name an absent or empty directory, or a layout',
    });
  ensureDirectory(sys, `${directory}/blobs/sha256`);
  const empty: OciIndex = { manifests: [] };
  // The marker last: with it the directory is a layout.
  writeFileDurable(sys, `${directory}/${INDEX}`, serializeIndex(empty));
  writeFileDurable(sys, `${directory}/${MARKER}`, serializeLayoutMarker());
  return empty;
}

/** The labels of the image, and when it was made. */
function labelsOf({ tree, labels: given, config }: ExportedImage, links: readonly string[]) {
  const { [ADDED_LINKS]: _, ...kept } = config?.labels ?? {};
  const labels: Record<string, string> = {
    ...kept,
    ...given,
    ...(links.length > 0 && { [ADDED_LINKS]: links.join(' ') }),
  };
  const said = timeOf(given[CREATED]) ?? timeOf(config?.created) ?? timeOf(labels[CREATED]);
  return { labels, created: said ?? new Date(newestTime(tree) * 1000).toISOString() };
}

/** What the manifest says of the image: what its labels do by the common names, and what is its own. */
function annotationsOf(
  { annotations, image }: ExportedImage,
  { labels, created }: ReturnType<typeof labelsOf>,
): Record<string, string> {
  const common = Object.entries(labels).filter(([key]) => key.startsWith(COMMON));
  return { ...Object.fromEntries(common), [CREATED]: created, ...annotations, [IMAGE_DIGEST]: image };
}

function configOf(
  { architecture }: Host,
  { tree, config, layering }: ExportedImage,
  { labels, created, diffIds }: ReturnType<typeof labelsOf> & { readonly diffIds: readonly string[] },
): Buffer {
  return serializeConfig(
    {
      ...{ os: 'linux', architecture: ociArchitecture(architecture) },
      ...{ diffIds, labels, created, run: config?.run ?? plainRun(tree) },
    },
    layering.layers.map(({ holds }) => `apt-layer export: ${holds}`),
  );
}

/** How a container runs where nobody said it. */
function plainRun(tree: Tree): Rest {
  const shell = lookup(tree, fromText('/usr/bin/bash')) === undefined ? '/bin/sh' : '/bin/bash';
  return { Env: [PATH], Cmd: [shell] };
}

/** The text, where it is a time by RFC 3339. */
function timeOf(text: string | undefined): string | undefined {
  return text !== undefined && TIME.test(text) && !Number.isNaN(Date.parse(text)) ? text : undefined;
}

/** The image's own time in seconds, so that the day of the export is in nothing. */
export function newestTime(tree: Tree): number {
  let newest = 0;
  for (const { node } of walk(tree))
    if (node.mtime > newest && node.mtime < LAST_SECOND) newest = Number(node.mtime);
  return newest;
}

/** Of the last year that a time of four digits can have. */
const LAST_SECOND = 253_402_300_800;

function descriptor(mediaType: string, { sha256, size }: Blob): Descriptor {
  return { mediaType, sha256, size, annotations: {}, platform: undefined };
}

function sizeOf(tree: Tree): number {
  let size = 0;
  for (const { node } of walk(tree)) if (node.kind === 'file') size += node.size;
  return size;
}

function countSockets(tree: Tree): number {
  return [...walk(tree)].filter(({ node }) => node.kind === 'socket').length;
}
