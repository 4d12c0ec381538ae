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
import type { ImageConfig } from './config-record.ts';
import { removeDead } from './dead-files.ts';
import { nameImage } from './index-file.ts';
import { layerArchive } from './layer-archive.ts';
import { awaitLayout, INDEX, MARKER, readLayout } from './layout.ts';
import type { OciLocation } from './location.ts';
import { type Blob, writeBlob, writePackedBlob } from './write-blob.ts';
import { LAYER_OF, writtenLayer } from './written-layer.ts';

/** What is exported. */
export interface ExportedImage {
  readonly tree: Tree;
  /** Its digest. */
  readonly image: string;
  readonly labels: Readonly<Record<string, string>>;
  /** How containers of it run, and the labels it has beside `labels`; absent for an image that came without. */
  readonly config?: ImageConfig | undefined;
}

export interface Exported {
  readonly tag: string;
  /** SHA-256 of the manifest, 64 lower-case hex digits. */
  readonly manifest: string;
  /** Bytes of the layer, compressed. */
  readonly size: number;
  /** Sockets, which no archive can hold. */
  readonly omitted: number;
}

/** The label that says the same as `created` of the configuration (annotations.md). */
const CREATED = 'org.opencontainers.image.created';
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * Writes an image into a directory in the OCI image layout, as one layer: a new directory or one that has other images, which stay. An image
 * with the tag is replaced; its blobs stay for what else may need them. The same image and labels give the same layer, configuration and,
 * with the same zlib, the same manifest; a layer that an export of the same image wrote before is not made again. Durable when it returns;
 * before, the layout has what it had.
 */
export function exportOci(store: Store, location: OciLocation, image: ExportedImage): Promise<Exported> {
  const { host } = store;
  const { directory, tag = 'latest', sha256 } = location;
  if (sha256 !== undefined)
    throw new AptLayerError('USAGE', 'an image that is written gets its digest from what is in it', {
      hint: 'name it by a tag: oci:DIRECTORY:TAG',
    });
  return withContext(`writing ${directory}`, () =>
    step(host.report, 'export', `Writing ${directory}`, async () => {
      await awaitLayout(host, directory);
      const before = openForWriting(host, directory);
      removeDead(host, directory);
      const total = sizeOf(image.tree);
      const layer =
        writtenLayer(host, directory, { index: before, image: image.image }) ??
        (await writePackedBlob(host, directory, layerArchive(store, image.tree), done =>
          host.report.emit({ type: 'progress', task: 'export', done: Math.min(done, total), total }),
        ));
      const config = writeBlob(host.sys, directory, configOf(host, image, layer.unpacked));
      const manifest = writeBlob(
        host.sys,
        directory,
        serializeManifest({
          config: descriptor(MEDIA_TYPE.config, config),
          layers: [{ ...descriptor(MEDIA_TYPE.layer, layer), annotations: { [LAYER_OF]: image.image } }],
          annotations: {},
        }),
      );
      syncFileSystem(host.sys, directory);
      await nameImage(host, directory, { image: descriptor(MEDIA_TYPE.manifest, manifest), tag });
      return { tag, manifest: manifest.sha256, size: layer.size, omitted: countSockets(image.tree) };
    }),
  );
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

function configOf(
  { architecture }: Host,
  { tree, labels: given, config }: ExportedImage,
  diffId: string,
): Buffer {
  const labels = { ...config?.labels, ...given };
  const created = timeOf(given[CREATED]) ?? timeOf(config?.created) ?? timeOf(labels[CREATED]);
  return serializeConfig(
    {
      os: 'linux',
      architecture: ociArchitecture(architecture),
      diffIds: [diffId],
      labels,
      run: config?.run ?? plainRun(tree),
      created: created ?? new Date(newestTime(tree) * 1000).toISOString(),
    },
    ['apt-layer export'],
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

/** The image's own time, so that the day of the export is in nothing. */
function newestTime(tree: Tree): number {
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
