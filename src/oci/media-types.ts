import { AptLayerError } from '../errors/index.ts';
import { MEDIA_TYPE, type OciManifest } from '../formats/oci/index.ts';
import type { Compression } from '../sys/index.ts';

/** Docker's own names for the same (image-manifest-v2-2). */
const INDEXES: readonly string[] = [
  MEDIA_TYPE.index,
  'application/vnd.docker.distribution.manifest.list.v2+json',
];
const MANIFESTS: readonly string[] = [
  MEDIA_TYPE.manifest,
  'application/vnd.docker.distribution.manifest.v2+json',
];
const CONFIGS: readonly string[] = [MEDIA_TYPE.config, 'application/vnd.docker.container.image.v1+json'];
/** What layers of images are called: signatures have the configuration of an image, and something else for layers. */
const LAYER = /\.tar(?:[.+][a-z]+)*$/;
/** By what media types end in (layer.md and image-manifest-v2-2): `tar`, `tar+gzip`, `tar.gzip`, `tar+zstd`. */
const READABLE = /\.tar(?:[.+](gzip|zstd))?$/;

export const isIndex = (mediaType: string) => INDEXES.includes(mediaType);
export const isManifest = (mediaType: string) => MANIFESTS.includes(mediaType);

/** Whether a manifest is that of an image, and not of something that registries keep beside one. */
export function isImage({ isArtifact, config, layers }: OciManifest): boolean {
  return (
    !isArtifact &&
    CONFIGS.includes(config.mediaType) &&
    (layers.length === 0 || layers.some(({ mediaType }) => LAYER.test(mediaType)))
  );
}

/** How a layer is packed. FORMAT names those that cannot be read: encrypted ones, and those that have to come from somewhere else. */
export function compressionOf(mediaType: string): Compression | 'none' {
  if (mediaType.endsWith('+encrypted'))
    throw unreadable(mediaType, 'it is encrypted', 'decrypt it first: `skopeo copy --decryption-key ...`');
  if (/nondistributable|\.foreign\./.test(mediaType))
    throw unreadable(mediaType, 'it is not in the registry, but has to be fetched from elsewhere');
  const [, packed] = READABLE.exec(mediaType) ?? [null, null];
  if (packed === null) throw unreadable(mediaType, 'it is not supported');
  return packed === 'gzip' || packed === 'zstd' ? packed : 'none';
}

function unreadable(mediaType: string, why: string, hint?: string): AptLayerError {
  return new AptLayerError('FORMAT', `a layer is ${JSON.stringify(mediaType)}: ${why}`, { hint });
}
