import type { ByteString } from '../../formats/bytes/index.ts';
import type { Directory } from '../../formats/tree/index.ts';

/** One entry of a data archive, in the order of dpkg's `.list` files: that of the archive, with symbolic links last. */
export interface PackageEntry {
  /** From the root, as packed and not resolved: `/usr/bin/vim`; the root directory is the empty string. */
  readonly path: ByteString;
  /**
   * Owner names where the archive has others than `root`: dpkg resolves them in the system the package goes to, and
   * uses the numbers in the tree only when there are no such names.
   */
  readonly user?: string;
  readonly group?: string;
}

/** A member of the control archive: `control`, `postinst`, `conffiles`, `triggers`, `md5sums` ... */
export interface ControlMember {
  readonly bytes: Buffer;
  /** Permission bits. */
  readonly mode: number;
}

/**
 * A .deb in the store: imported once, never changed. Its image holds the data archive below `/data`, the control
 * members below `/control`, and `/entries.json` with what a tree cannot say (archive order, owner names).
 */
export interface PackageImage {
  /** Of the .deb file, lower-case hex; the image's ref is `deb/SHA256-CODE`. */
  readonly sha256: string;
  /** Digest of the image. */
  readonly image: string;
  /** The data archive's tree: its root directory. */
  readonly data: Directory;
  readonly control: ReadonlyMap<string, ControlMember>;
  readonly entries: readonly PackageEntry[];
}
