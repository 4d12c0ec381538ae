/** An image that somebody names, and the transport that reaches it (containers-transports(5)). */
export type ImageReference = RegistryReference | LayoutReference | ArchiveReference | StorageReference;

/** An image in a registry: `oci://NAME[:TAG][@DIGEST]`, or `docker://` as skopeo writes it. */
export interface RegistryReference {
  readonly transport: 'registry';
  /** Host and, where it is not the usual one, port: `docker.io`, `localhost:5000`. */
  readonly registry: string;
  /** Path below the registry: `library/ubuntu`. */
  readonly repository: string;
  /** Absent: the digest alone decides, or `latest` where there is none either. */
  readonly tag?: string;
  /** `sha256:` and 64 lower-case hex digits. It decides where a tag is given too. */
  readonly digest?: string;
}

/** One of the images in a directory in the OCI layout: `oci:DIRECTORY[:NAME]` or `oci:DIRECTORY@DIGEST`. */
export interface LayoutReference {
  readonly transport: 'oci';
  /** As written: relative paths stay relative. */
  readonly path: string;
  readonly name?: string;
  readonly digest?: string;
}

/** One of the images in a tar archive: `oci-archive:FILE[:NAME]`, `docker-archive:FILE[:NAME:TAG]`. */
export interface ArchiveReference {
  readonly transport: 'oci-archive' | 'docker-archive';
  readonly path: string;
  readonly name?: string;
}

/** An image in the store of podman and buildah on this machine: `containers-storage:NAME` or `containers-storage:@ID`. */
export interface StorageReference {
  readonly transport: 'containers-storage';
  /** As podman takes it. */
  readonly name: string;
}
