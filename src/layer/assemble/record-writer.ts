import type { ByteString } from '../../formats/bytes/index.ts';
import { contentOf, type Directory, type Metadata } from '../../formats/tree/index.ts';
import { makeDirectories, type Workspace } from './workspace.ts';

/** Writes the records of a tree: a file of root's in a directory that is made when it is missing. */
export interface RecordWriter {
  readonly workspace: Workspace;
  write(path: ByteString, bytes: Buffer, mode?: number): void;
}

/** `put` stores contents that are too long to be inline; all files and new directories get the time `mtime`, in seconds. */
export function openRecordWriter(
  workspace: Workspace,
  { put, mtime }: { readonly put: (bytes: Buffer) => string; readonly mtime: number },
): RecordWriter {
  const root: Metadata = { mode: 0o755, uid: 0, gid: 0, mtime, mtimeNsec: 0, xattrs: undefined };
  const directories = new Map<string, Directory>();
  return {
    workspace,
    write(path, bytes, mode = 0o644) {
      const slash = path.lastIndexOf('/');
      const parent = path.slice(0, slash) as ByteString;
      const directory = directories.get(parent) ?? makeDirectories(workspace, parent, root);
      directories.set(parent, directory);
      const name = path.slice(slash + 1) as ByteString;
      const content = contentOf(bytes, put);
      directory.entries.set(name, { ...root, kind: 'file', mode, size: bytes.length, content, nlink: 1 });
    },
  };
}
