import { type ByteString, compareBytes, fromText } from '../../formats/bytes/index.ts';
import { INLINE_CONTENT_MAX, type Metadata, type RegularFile, type Tree } from '../../formats/tree/index.ts';
import type { DpkgDatabase, ReadFile } from './dpkg-database.ts';
import { addExtendedStates } from './extended-states.ts';
import { infoFiles } from './info-records.ts';
import type { AssemblyPackage } from './package.ts';
import { statusWith } from './status-records.ts';
import { addTriggers } from './trigger-records.ts';
import { makeDirectories, openWorkspace, type Workspace } from './workspace.ts';

export interface RecordOptions {
  readonly database: DpkgDatabase;
  /** From the merge: paths that lists must not have. */
  readonly dropped: ReadonlyMap<string, ReadonlySet<ByteString>>;
  /** `NAME` or `NAME:ARCH` of those that were installed only because others need them. */
  readonly automatic: ReadonlySet<string>;
  /** What apt writes for packages of architecture `all`. */
  readonly nativeArchitecture: string;
  /** Seconds since the epoch, for each file that is written. */
  readonly mtime: number;
  /** Contents of files in package trees; asked for only when a package ships no md5sums. */
  readonly read: ReadFile;
  /** Stores contents that are too long to be inline, and returns their digest. */
  readonly put: (bytes: Buffer) => string;
}

/** Writes the records of a tree: a file of root's in a directory that is made when it is missing. */
export interface RecordWriter {
  readonly workspace: Workspace;
  write(path: ByteString, bytes: Buffer, mode?: number): void;
}

/**
 * The merged tree with what dpkg and apt would have recorded on unpacking `packages`: status stanzas, `info/`, triggers,
 * extended_states. dpkg then only has to configure.
 */
export function dpkgRecords(tree: Tree, packages: readonly AssemblyPackage[], options: RecordOptions): Tree {
  const workspace = openWorkspace(tree);
  const writer = recordWriter(workspace, options);
  const sorted = [...packages].sort((a, b) =>
    compareBytes(fromText(`${a.name}\0${a.architecture}`), fromText(`${b.name}\0${b.architecture}`)),
  );
  const { directory } = options.database;
  writer.write(`${directory}/status` as ByteString, statusWith(options.database, sorted));
  writer.write(`${directory}/info/format` as ByteString, Buffer.from('1\n'));
  for (const one of sorted)
    for (const file of infoFiles(one, options))
      writer.write(`${directory}/info/${file.name}` as ByteString, file.bytes, file.mode);
  addTriggers(writer, sorted, options);
  addExtendedStates(writer, sorted, options);
  return workspace.root;
}

function recordWriter(workspace: Workspace, { put, mtime }: RecordOptions): RecordWriter {
  const root: Metadata = { mode: 0o755, uid: 0, gid: 0, mtime, mtimeNsec: 0, xattrs: undefined };
  const directories = new Map<string, ReturnType<typeof makeDirectories>>();
  return {
    workspace,
    write(path, bytes, mode = 0o644) {
      const slash = path.lastIndexOf('/');
      const parent = path.slice(0, slash) as ByteString;
      const directory = directories.get(parent) ?? makeDirectories(workspace, parent, root);
      directories.set(parent, directory);
      const content: RegularFile['content'] =
        bytes.length <= INLINE_CONTENT_MAX
          ? { kind: 'inline', bytes }
          : { kind: 'object', digest: put(bytes) };
      const name = path.slice(slash + 1) as ByteString;
      directory.entries.set(name, { ...root, kind: 'file', mode, size: bytes.length, content, nlink: 1 });
    },
  };
}
