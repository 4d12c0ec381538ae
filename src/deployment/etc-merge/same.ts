import type { Content, Metadata, Node, RegularFile, Xattrs } from '../../formats/tree/index.ts';

/** Gives the digest that the store knows a content by, or would. */
export type DigestOf = (content: Content) => string;

export interface Sides<T> {
  /** In the image that `mine` grew from. */
  readonly base: T | undefined;
  /** On the machine. */
  readonly mine: T | undefined;
  /** In the new image. */
  readonly fresh: T | undefined;
}

/** Whether two nodes are of one kind with the same content: bytes, target or device. Directories always are. */
export function sameContent(a: Node, b: Node, digestOf: DigestOf): boolean {
  if (a.kind === 'file') return b.kind === 'file' && sameBytes(a, b, digestOf);
  if (a.kind === 'symlink') return b.kind === 'symlink' && a.target === b.target;
  if (a.kind === 'directory') return b.kind === 'directory';
  return a.kind === b.kind && a.rdev === (b as typeof a).rdev;
}

/** Mode, owner and extended attributes. Times say nothing: every build and every editor sets them. */
export function sameMetadata(a: Metadata, b: Metadata): boolean {
  return a.mode === b.mode && a.uid === b.uid && a.gid === b.gid && sameXattrs(a.xattrs, b.xattrs);
}

export function sameXattrs(a: Xattrs | undefined, b: Xattrs | undefined): boolean {
  if ((a?.size ?? 0) !== (b?.size ?? 0)) return false;
  return [...(a ?? [])].every(([name, value]) => b?.get(name) === value);
}

function sameBytes(a: RegularFile, b: RegularFile, digestOf: DigestOf): boolean {
  if (a.size !== b.size) return false;
  const [left, right] = [a.content, b.content];
  if (left.kind === 'inline' && right.kind === 'inline') return left.bytes.equals(right.bytes);
  // Times say nothing here either: a file of the same size and time may have another content, and would be lost.
  return digestOf(left) === digestOf(right);
}
