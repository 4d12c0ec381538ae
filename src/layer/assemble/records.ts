import { type ByteString, compareBytes, fromText, toBuffer } from '../../formats/bytes/index.ts';
import type { Tree } from '../../formats/tree/index.ts';
import type { DpkgDatabase, ReadFile } from './dpkg-database.ts';
import { addExtendedStates } from './extended-states.ts';
import { infoFiles } from './info-records.ts';
import type { AssemblyPackage } from './package.ts';
import { openRecordWriter, type RecordWriter } from './record-writer.ts';
import { statusWith } from './status-records.ts';
import { addTriggers } from './trigger-records.ts';
import { openWorkspace } from './workspace.ts';

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

/**
 * The merged tree with what dpkg and apt would have recorded on unpacking `packages`: status stanzas, `info/`, triggers,
 * extended_states. dpkg then only has to configure.
 */
export function dpkgRecords(tree: Tree, packages: readonly AssemblyPackage[], options: RecordOptions): Tree {
  const workspace = openWorkspace(tree);
  const writer = openRecordWriter(workspace, options);
  const sorted = [...packages].sort((a, b) =>
    compareBytes(fromText(`${a.name}\0${a.architecture}`), fromText(`${b.name}\0${b.architecture}`)),
  );
  const { directory } = options.database;
  writer.write(`${directory}/status` as ByteString, statusWith(options.database, sorted));
  writer.write(`${directory}/info/format` as ByteString, Buffer.from('1\n'));
  for (const one of sorted)
    for (const file of infoFiles(one, options))
      writer.write(`${directory}/info/${file.name}` as ByteString, file.bytes, file.mode);
  shortenLists(writer, sorted, options);
  addTriggers(writer, sorted, options);
  addExtendedStates(writer, sorted, options);
  return workspace.root;
}

/** Takes what packages of the base lost out of their lists. */
function shortenLists(
  writer: RecordWriter,
  packages: readonly AssemblyPackage[],
  { database, dropped }: RecordOptions,
): void {
  const isNew = new Set(packages.map(one => one.infoName));
  const installed = [...database.packages.values()].flat();
  for (const [infoName, lost] of dropped) {
    const owner = isNew.has(infoName) ? undefined : installed.find(one => one.infoName === infoName);
    if (owner === undefined) continue;
    const lines = database.paths(owner).filter(path => !lost.has(path));
    writer.write(
      `${database.directory}/info/${infoName}.list` as ByteString,
      toBuffer(`${lines.join('\n')}\n` as ByteString),
    );
  }
}

/** The same for packages that dpkg unpacked itself: what apt would have recorded about them, and nothing else. */
export function recordAutomatic(
  tree: Tree,
  packages: readonly AssemblyPackage[],
  options: Omit<RecordOptions, 'database' | 'dropped'>,
): Tree {
  const workspace = openWorkspace(tree);
  addExtendedStates(openRecordWriter(workspace, options), packages, options);
  return workspace.root;
}
