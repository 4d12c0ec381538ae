import { type BootstrapScripts, bootstrapDpkg } from '../../apt/index.ts';
import { fromText } from '../../formats/bytes/index.ts';
import type { Directory, RegularFile, Tree } from '../../formats/tree/index.ts';
import { putObject, readContent, writeImageObject } from '../../store/index.ts';
import { type AssemblyPackage, dpkgRecords, mergePackages, readDpkgDatabase } from '../assemble/index.ts';
import type { BuildContext } from '../context.ts';
import { dpkgTarget, type Installation } from '../install/index.ts';
import { runStage } from '../stage.ts';
import { mergedUsrLinks } from './merged-usr.ts';

/**
 * A tree of the essential packages and what they need, made of nothing. No script can run before its files are there,
 * as in every bootstrap: all are merged first, then the preinsts run, then dpkg configures, accounts first.
 */
export async function bootstrapEssential(
  context: BuildContext,
  packages: readonly AssemblyPackage[],
  installation: Installation,
): Promise<Tree> {
  const { host, store } = context;
  const root = emptyRoot(installation.epochSeconds);
  for (const [name, target] of mergedUsrLinks(packages))
    root.entries.set(name, {
      ...metadata(installation.epochSeconds, 0o777),
      kind: 'symlink',
      target,
      nlink: 1,
    });
  for (const [, target] of mergedUsrLinks(packages)) ensureUsr(root, target, installation.epochSeconds);
  const read = (file: RegularFile) => readContent(store, file);
  const database = readDpkgDatabase(root, read);
  const merged = mergePackages(root, packages, database);
  const tree = dpkgRecords(merged.tree, packages, {
    database,
    dropped: merged.dropped,
    automatic: new Set(),
    nativeArchitecture: installation.architecture,
    mtime: installation.epochSeconds,
    read,
    put: bytes => putObject(store, bytes),
  });
  const scripts: BootstrapScripts = {
    packages: packages.length,
    preinsts: packages
      .filter(one => one.image.control.has('preinst'))
      .map(({ name, architecture, image: { control } }) => ({ name, architecture, control })),
    first: ['base-passwd', 'base-files'].filter(name => packages.some(one => one.name === name)),
    dpkgVersion: packages.find(one => one.name === 'dpkg')?.version ?? '',
  };
  const digest = writeImageObject(store, tree);
  return runStage(
    { ...context, host },
    { digest, tree },
    {
      name: 'essential',
      expectedBytes: installation.installedBytes * 0.25,
      action: scratch => bootstrapDpkg(dpkgTarget(context, scratch), scripts),
    },
  );
}

function metadata(mtime: number, mode: number) {
  return { mode, uid: 0, gid: 0, mtime, mtimeNsec: 0, xattrs: undefined };
}

function emptyRoot(mtime: number): Directory {
  return { ...metadata(mtime, 0o755), kind: 'directory', entries: new Map() };
}

function ensureUsr(root: Directory, target: string, mtime: number): void {
  let directory = root;
  for (const part of target.split('/').map(fromText)) {
    const child = directory.entries.get(part) ?? emptyRoot(mtime);
    directory.entries.set(part, child);
    if (child.kind !== 'directory') throw new Error(`${target} is no directory`);
    directory = child;
  }
}
