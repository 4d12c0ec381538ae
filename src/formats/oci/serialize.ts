import {
  type Descriptor,
  MEDIA_TYPE,
  type OciConfig,
  type OciIndex,
  type OciManifest,
  type Platform,
} from './model.ts';

export function serializeLayoutMarker(): Buffer {
  return encode({ imageLayoutVersion: '1.0.0' });
}

/** The same index always gives the same bytes, as do the other two. */
export function serializeIndex({ manifests, rest }: OciIndex): Buffer {
  return encode({
    schemaVersion: 2,
    mediaType: MEDIA_TYPE.index,
    manifests: manifests.map(descriptorJson),
    ...rest,
  });
}

export function serializeManifest({ config, layers, annotations }: Omit<OciManifest, 'isArtifact'>): Buffer {
  return encode({
    schemaVersion: 2,
    mediaType: MEDIA_TYPE.manifest,
    config: descriptorJson(config),
    layers: layers.map(descriptorJson),
    ...(Object.keys(annotations).length > 0 && { annotations: sorted(annotations) }),
  });
}

/** `history`: what made the layers, one text for each. */
export function serializeConfig(config: OciConfig, history: readonly string[]): Buffer {
  const { created, architecture, os, variant, run, labels, diffIds } = config;
  return encode({
    ...(created !== undefined && { created }),
    architecture,
    os,
    ...(variant !== undefined && { variant }),
    config: { ...run, ...(Object.keys(labels).length > 0 && { Labels: sorted(labels) }) },
    rootfs: { type: 'layers', diff_ids: diffIds.map(hex => `sha256:${hex}`) },
    history: history.map(text => ({ ...(created !== undefined && { created }), created_by: text })),
  });
}

function descriptorJson(descriptor: Descriptor): unknown {
  const { mediaType, sha256, size, annotations, platform, artifactType, rest } = descriptor;
  return {
    mediaType,
    digest: `sha256:${sha256}`,
    size,
    ...(platform !== undefined && { platform: platformJson(platform) }),
    ...(artifactType !== undefined && { artifactType }),
    ...(Object.keys(annotations).length > 0 && { annotations: sorted(annotations) }),
    ...rest,
  };
}

function platformJson({ os, architecture, variant, rest }: Platform): unknown {
  return { architecture, os, ...(variant !== undefined && { variant }), ...rest };
}

function sorted(texts: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function encode(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value), 'utf8');
}
