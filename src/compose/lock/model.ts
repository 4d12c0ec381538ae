import type { ImageCheck } from '../../formats/image-check/index.ts';

/** The exact packages that a spec resolved to. Holds no times, so that the same resolution is the same file. */
export interface Lock {
  /** The program that wrote it, such as `apt-layer 0.1.0`; for people. */
  readonly generatedBy?: string;
  readonly base: LockedBase;
  readonly packages: readonly LockedPackage[];
  /** Packages of the base that go, `NAME` or `NAME:ARCH`, in the order in which they go. */
  readonly removed?: readonly string[];
  /** Archives, `URI SUITE`, whose lists were out of date when this was resolved, and counted. */
  readonly expired?: readonly string[];
  /** Numbers of accounts by name, so that files in /var keep their owners. */
  readonly users?: Readonly<Record<string, number>>;
  readonly groups?: Readonly<Record<string, number>>;
  /** Digests of what the spec reads on the building machine, by path: a sysroot keeps it under them. */
  readonly inputs?: Readonly<Record<string, string>>;
}

/** The base image that the versions were resolved against. */
export interface LockedBase {
  /** As the spec writes it: `apt://trixie`. */
  readonly request: string;
  /** The digest of the base image, in hexadecimal. */
  readonly digest: string;
  /** Of an image from a registry or a layout: the digest of its manifest, `sha256:HEX`. */
  readonly manifest?: string;
  /** How that image was checked on the machine that wrote the lock. */
  readonly check?: ImageCheck;
  /** Of an image that an engine built: the digest of what it was built of, in hexadecimal. */
  readonly context?: string;
  /** What an `apt://` base is made of; missing where that is not known: a lock or a base that an older program made. */
  readonly packages?: readonly LockedPackage[];
  /** Digest of what the spec says of how an `apt://` base is made; there with `packages`. */
  readonly settings?: string;
  /** Archives, `URI SUITE`, whose lists were out of date when it was resolved, and counted. */
  readonly expired?: readonly string[];
}

/** One package that the base or the layers bring: a .deb file by its content. */
export interface LockedPackage {
  readonly name: string;
  readonly architecture: string;
  readonly version: string;
  /** Of the .deb file, in hexadecimal. */
  readonly sha256: string;
  /** Of the .deb file, in bytes. */
  readonly size: number;
  readonly uri: string;
  /** The spec names it; otherwise another package needs it. */
  readonly requested: boolean;
  /** Its scripts had a network: what they fetched is in no lock, so the image is not reproducible. */
  readonly network?: true | undefined;
  /** Its place among the stages, from 1: packages of a stage are installed onto what those before it gave. Without a number it is of the first. */
  readonly stage?: number | undefined;
}
