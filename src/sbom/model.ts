import type { Licence } from './licences/index.ts';

/** A source package in one version, of somebody. */
export interface SourcePackage {
  /** As archives have it in their `Origin`: `Debian`; empty where that is not known. */
  readonly vendor: string;
  readonly name: string;
  readonly version: string;
}

/** A package of an image with what a bill of materials says of it. */
export interface BinaryPackage {
  readonly name: string;
  readonly architecture: string;
  readonly version: string;
  readonly vendor: string;
  /** Name and address; empty where the record does not say. */
  readonly maintainer: string;
  readonly summary: string;
  readonly source: SourcePackage;
  /** Sources of which there is code in it (`Built-Using`, `Static-Built-Using`). */
  readonly builtUsing: readonly SourcePackage[];
  /** Packages of the image that it needs, `NAME:ARCH`, sorted. */
  readonly needs: readonly string[];
  /** Of its .deb, in hexadecimal; undefined where no lock says it. */
  readonly sha256: string | undefined;
  /** By its copyright file; undefined where that is not there, not machine-readable, or was not looked at. */
  readonly licence: Licence | undefined;
}

/** What is in an image: all that a document about it is made from, so that the same inventory is the same document. */
export interface Inventory {
  /** The digest of the image, in hexadecimal. */
  readonly image: string;
  /** `debian-13`. */
  readonly system: string;
  /** When the image was made, by its own newest time, in seconds. */
  readonly createdSeconds: number;
  /** Of the program that makes the document. */
  readonly programVersion: string;
  /** Sorted by name, then architecture; each is there once. */
  readonly packages: readonly BinaryPackage[];
}
