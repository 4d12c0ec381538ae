import { type Descriptor, MEDIA_TYPE, type OciConfig, type OciIndex, type OciManifest } from './model.ts';

/** What a container of the image runs, and the time it was made. */
export interface ConfigExtras {
  readonly command: readonly string[];
  readonly environment: readonly string[];
  /** Seconds since the epoch. */
  readonly created: number;
  /** What made the layers, one text for each. */
  readonly history: readonly string[];
}

export function serializeLayoutMarker(): Buffer {
  return encode({ imageLayoutVersion: '1.0.0' });
}

/** The same index always gives the same bytes, as do the other two. */
export function serializeIndex({ manifests }: OciIndex): Buffer {
  return encode({ schemaVersion: 2, mediaType: MEDIA_TYPE.index, manifests: manifests.map(descriptorJson) });
}

export function serializeManifest({ config, layers }: OciManifest): Buffer {
  return encode({
    schemaVersion: 2,
    mediaType: MEDIA_TYPE.manifest,
    config: descriptorJson(config),
    layers: layers.map(descriptorJson),
  });
}

export function serializeConfig(config: OciConfig, extras: ConfigExtras): Buffer {
  const created = new Date(extras.created * 1000).toISOString();
  return encode({
    created,
    architecture: config.architecture,
    os: config.os,
    config: {
      Env: extras.environment,
      Cmd: extras.command,
      ...(Object.keys(config.labels).length > 0 && { Labels: sorted(config.labels) }),
    },
    rootfs: { type: 'layers', diff_ids: config.diffIds.map(hex => `sha256:${hex}`) },
    history: extras.history.map(text => ({ created, created_by: text })),
  });
}

function descriptorJson({ mediaType, sha256, size, annotations, platform }: Descriptor): unknown {
  return {
    mediaType,
    digest: `sha256:${sha256}`,
    size,
    ...(platform !== undefined && { platform }),
    ...(Object.keys(annotations).length > 0 && { annotations: sorted(annotations) }),
  };
}

function sorted(texts: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function encode(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value), 'utf8');
}
