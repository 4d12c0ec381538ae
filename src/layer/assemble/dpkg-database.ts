import { AptLayerError } from '../../errors/index.ts';
import { type ByteString, fromBuffer, fromText } from '../../formats/bytes/index.ts';
import {
  components,
  type Directory,
  lookupDirectory,
  type RegularFile,
  type Tree,
} from '../../formats/tree/index.ts';
import { type Accounts, parseAccounts } from './accounts.ts';
import { type Diversion, parseDiversions } from './diversions.ts';
import { type Exclusion, readExclusion } from './excluded.ts';
import { parseFileTriggers, type TriggerInterest } from './file-triggers.ts';
import { type InstalledPackage, isPresent, parseStatus } from './installed.ts';
import { parseStatOverrides, type StatOverride } from './stat-overrides.ts';
import { pathOf, resolveDirectory, resolveFile } from './workspace.ts';

/** Reads the contents of a file of the tree. */
export type ReadFile = (file: RegularFile) => Buffer;

/** What dpkg, and the accounts of the system, say of a tree. Read again after anything has changed them. */
export interface DpkgDatabase {
  /** Where it really is: `/var/lib/dpkg`, or what that links to. */
  readonly directory: ByteString;
  /** The status file as it is; empty when there is none. */
  readonly status: Buffer;
  /** By name, all architectures. */
  readonly packages: ReadonlyMap<string, readonly InstalledPackage[]>;
  readonly diversions: readonly Diversion[];
  readonly overrides: ReadonlyMap<ByteString, StatOverride>;
  readonly users: Accounts;
  readonly groups: Accounts;
  readonly fileTriggers: ReadonlyMap<ByteString, readonly TriggerInterest[]>;
  /** What dpkg's configuration leaves out of packages; undefined when that is nothing. */
  readonly isExcluded: Exclusion | undefined;
  /** Paths of the `.list` file of an installed package, as dpkg recorded them; none when it has no list. */
  paths(installed: InstalledPackage): readonly ByteString[];
  /** Installed packages that list a path, literally. The first call reads all lists. */
  owners(path: ByteString): readonly InstalledPackage[];
}

const ADMINISTRATION = fromText('/var/lib/dpkg');

/**
 * Reads the dpkg database of a tree; a tree without one, as at the start of a bootstrap, has an empty one.
 * CONFIG_INVALID for an info format that is not known, FormatError for damaged files.
 */
export function readDpkgDatabase(tree: Tree, read: ReadFile): DpkgDatabase {
  const place = resolveDirectory(tree, components(ADMINISTRATION));
  const directory = place === undefined ? ADMINISTRATION : pathOf(place);
  const textAt = (path: ByteString) => {
    const file = fileAt(tree, path);
    return file === undefined ? undefined : fromBuffer(read(file));
  };
  const bytes = (path: string) => {
    const file = fileAt(tree, `${directory}/${path}` as ByteString);
    return file === undefined ? Buffer.alloc(0) : read(file);
  };
  const accounts = (path: string) => parseAccounts(textAt(fromText(path)) ?? fromText(''));
  assertInfoFormat(fromBuffer(bytes('info/format')));
  const status = bytes('status');
  const installed = parseStatus(status);
  const [users, groups] = [accounts('/etc/passwd'), accounts('/etc/group')];
  return {
    directory,
    status,
    packages: byName(installed),
    diversions: parseDiversions(fromBuffer(bytes('diversions'))),
    overrides: parseStatOverrides(fromBuffer(bytes('statoverride')), users, groups),
    users,
    groups,
    fileTriggers: parseFileTriggers(fromBuffer(bytes('triggers/File'))),
    isExcluded: readExclusion(tree, textAt),
    ...fileLists(installed, lookupDirectory(tree, `${directory}/info` as ByteString), read),
  };
}

/** The regular file at a path, symlinks on the way followed. */
export function fileAt(tree: Tree, path: ByteString): RegularFile | undefined {
  const place = resolveFile(tree, path);
  if (place === undefined) return undefined;
  const node = lookupDirectory(tree, pathOf(place.parent))?.entries.get(place.name);
  return node?.kind === 'file' ? node : undefined;
}

function assertInfoFormat(text: ByteString): void {
  const format = text.trim();
  if (format === '' || format === '1') return;
  throw new AptLayerError('CONFIG_INVALID', `the dpkg database of the base has info format ${format}`, {
    hint: 'use a base whose dpkg has info format 1',
  });
}

function byName(installed: readonly InstalledPackage[]): Map<string, InstalledPackage[]> {
  const packages = new Map<string, InstalledPackage[]>();
  for (const one of installed) {
    const others = packages.get(one.name);
    if (others === undefined) packages.set(one.name, [one]);
    else others.push(one);
  }
  return packages;
}

/** Lists are read on demand: only Replaces and collisions of files need them. */
function fileLists(
  installed: readonly InstalledPackage[],
  info: Directory | undefined,
  read: ReadFile,
): Pick<DpkgDatabase, 'paths' | 'owners'> {
  const paths = (one: InstalledPackage): ByteString[] => {
    const list = info?.entries.get(fromText(`${one.infoName}.list`));
    if (list?.kind !== 'file') return [];
    return fromBuffer(read(list))
      .split('\n')
      .filter(line => line !== '') as ByteString[];
  };
  let owners: Map<ByteString, InstalledPackage[]> | undefined;
  const readOwners = () => {
    const found = new Map<ByteString, InstalledPackage[]>();
    for (const one of installed.filter(any => isPresent(any) || any.state === 'config-files'))
      for (const path of paths(one)) {
        const others = found.get(path);
        if (others === undefined) found.set(path, [one]);
        else others.push(one);
      }
    return found;
  };
  return {
    paths,
    owners(path) {
      owners ??= readOwners();
      return owners.get(path) ?? [];
    },
  };
}
