import { bootstrapDpkg } from '../../apt/index.ts';
import { fromText, joinPath } from '../../formats/bytes/index.ts';
import { type Directory, type Metadata, type Tree, withNode } from '../../formats/tree/index.ts';
import type { AssemblyPackage } from '../assemble/index.ts';
import { imageOf } from '../built-image.ts';
import type { BuildContext } from '../context.ts';
import { assemble, configuringBytes, dpkgTarget, type Installation, preinstOf } from '../install/index.ts';
import { runStage } from '../stage.ts';
import { mergedUsrLinks } from './merged-usr.ts';

/**
 * A tree of the essential packages and what they need, made of nothing. No script can run before its files are there,
 * as in every bootstrap: all are merged first, then the preinsts run, then dpkg configures, accounts first.
 */
export function bootstrapEssential(
  context: BuildContext,
  packages: readonly AssemblyPackage[],
  installation: Installation,
): Promise<Tree> {
  // Nobody asked for them, and apt never removes them.
  const essential = { ...installation, automatic: new Set<string>() };
  const root = emptyRoot(packages, installation.epochSeconds);
  const tree = assemble(context, root, { packages, installation: essential });
  return runStage(context, imageOf(context, tree), {
    name: 'essential',
    expectedBytes: configuringBytes(installation),
    action: scratch =>
      bootstrapDpkg(dpkgTarget(context, scratch), {
        packages: packages.length,
        preinsts: packages.filter(one => one.image.control.has('preinst')).map(preinstOf),
        first: ['base-passwd', 'base-files'].filter(name => packages.some(one => one.name === name)),
        dpkgVersion: packages.find(one => one.name === 'dpkg')?.version ?? '',
      }),
  });
}

/** A root with nothing but the links that have to be there first. */
function emptyRoot(packages: readonly AssemblyPackage[], mtime: number): Tree {
  const metadata: Metadata = { mode: 0o755, uid: 0, gid: 0, mtime, mtimeNsec: 0, xattrs: undefined };
  const directory = (): Directory => ({ ...metadata, kind: 'directory', entries: new Map() });
  return mergedUsrLinks(packages).reduce<Tree>((tree, [name, target]) => {
    const link = { ...metadata, mode: 0o777, kind: 'symlink', target, nlink: 1 } as const;
    const root = fromText('');
    return withNode(
      withNode(tree, joinPath(root, target), directory(), metadata),
      joinPath(root, name),
      link,
    );
  }, directory());
}
