import { INLINE_CONTENT_MAX, type RegularFile } from '../../formats/tree/index.ts';

/** How the contents of a tree's files are read and made. */
export interface ContentAccess {
  readonly read: (file: RegularFile) => Buffer;
  /** Stores contents that are too long to be inline, and returns their digest. */
  readonly put: (bytes: Buffer) => string;
}

/** The same file with other content, and no other name. */
export function withContent(file: RegularFile, bytes: Buffer, { put }: ContentAccess): RegularFile {
  const content: RegularFile['content'] =
    bytes.length <= INLINE_CONTENT_MAX ? { kind: 'inline', bytes } : { kind: 'object', digest: put(bytes) };
  return { ...file, size: bytes.length, content, nlink: 1 };
}
