/** Members of a JSON object that this program has no use for: what is written again keeps them. */
export type Rest = Readonly<Record<string, unknown>>;

/** What another blob is, by OCI image-spec 1.1, descriptor.md. */
export interface Descriptor {
  readonly mediaType: string;
  /** SHA-256 of the blob, 64 lower-case hex digits. */
  readonly sha256: string;
  /** Bytes. */
  readonly size: number;
  readonly annotations: Readonly<Record<string, string>>;
  /** Absent where an index says nothing of it. */
  readonly platform: Platform | undefined;
  /** Says that it is something else than an image: a signature, a list of contents. */
  readonly artifactType?: string | undefined;
  readonly rest?: Rest | undefined;
}

export interface Platform {
  readonly os: string;
  /** Go's name for it: `amd64`, `arm64`, `386`. */
  readonly architecture: string;
  /** Which processors of that architecture: `v7` of arm, `v2` of amd64. */
  readonly variant?: string | undefined;
  readonly rest?: Rest | undefined;
}

/** index.json, and the indexes that it names (image-index.md). */
export interface OciIndex {
  readonly manifests: readonly Descriptor[];
  readonly rest?: Rest | undefined;
}

/** image manifest (manifest.md). */
export interface OciManifest {
  readonly config: Descriptor;
  /** The lowest first. */
  readonly layers: readonly Descriptor[];
  /** It is about another image, or is none at all. */
  readonly isArtifact: boolean;
  readonly annotations: Readonly<Record<string, string>>;
}

/** The part of an image configuration (config.md) that matters for its files. */
export interface OciConfig extends Platform {
  /** SHA-256 of each layer's uncompressed archive, 64 lower-case hex digits, the lowest first. */
  readonly diffIds: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** When it was made, as text (RFC 3339). */
  readonly created?: string | undefined;
  /** How a container of it runs: Env, Entrypoint, Cmd, User, WorkingDir and whatever else `config` has, but for Labels. */
  readonly run: Rest;
}

export const MEDIA_TYPE = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
  layerZstd: 'application/vnd.oci.image.layer.v1.tar+zstd',
} as const;

/** The annotation by which index.json names a manifest (annotations.md). */
export const REF_NAME = 'org.opencontainers.image.ref.name';

/** Manifests, indexes and configurations of real images are far smaller; registries refuse more than 4 MiB. */
export const DOCUMENT_MAX_BYTES = 4 * 1024 * 1024;
