import { type ByteString, fromBuffer, fromText } from '../../formats/bytes/index.ts';
import { contentOf, lookup, type RegularFile, type Tree } from '../../formats/tree/index.ts';

/** How the contents of a tree's files are read and made. */
export interface ContentAccess {
  readonly read: (file: RegularFile) => Buffer;
  /** Stores contents that are too long to be inline, and returns their digest. */
  readonly put: (bytes: Buffer) => string;
}

/** The same file with other content, and no other name. */
export function withContent(file: RegularFile, bytes: Buffer, { put }: ContentAccess): RegularFile {
  return { ...file, size: bytes.length, content: contentOf(bytes, put), nlink: 1 };
}

/** The bytes of the file at a path; none when there is no file. */
export function textAt(tree: Tree, path: string, read: ContentAccess['read']): ByteString {
  const node = lookup(tree, fromText(path));
  return fromBuffer(node?.kind === 'file' ? read(node) : Buffer.alloc(0));
}
