import { purgePackages, unpackAndConfigure } from '../../apt/index.ts';
import type { Tree } from '../../formats/tree/index.ts';
import { readContent } from '../../store/index.ts';
import {
  type AssemblyPackage,
  type AssemblyStep,
  isInstalled,
  planUnpack,
  readDpkgDatabase,
  recordAutomatic,
  withPlainPaths,
} from '../assemble/index.ts';
import type { BuildContext, BuiltImage } from '../context.ts';
import { DPKG_POLICIES } from '../metadata-policy/index.ts';
import type { DebFile } from '../package/index.ts';
import { runStage } from '../stage.ts';
import { recordOptions } from './assemble.ts';
import { dpkgTarget, type Installation, unconfigured } from './installation.ts';
import { withNetworked } from './networked.ts';
import { noteConflicts } from './notes.ts';

/** Installs packages with dpkg itself: what replaces something that is there. */
export async function dpkgStep(
  context: BuildContext,
  image: BuiltImage,
  options: { step: AssemblyStep; installation: Installation; debs: ReadonlyMap<string, DebFile> },
): Promise<Tree> {
  const { step, installation, debs } = options;
  const before = readDpkgDatabase(image.tree, file => readContent(context.store, file));
  const { policies = DPKG_POLICIES, notes, hasNetwork = () => false } = installation;
  const plan = planUnpack(image.tree, step.packages, before, policies);
  noteConflicts(context.host.report, notes, plan.settled);
  const files = plan.packages.map(one => debs.get(one.image.sha256) as DebFile);
  await installation.fetch(files);
  const archives = plan.packages.map((one, index) => ({
    package: one.name,
    path: (files[index] as DebFile).path,
  }));
  const tree = await runStage(context, image, {
    name: 'dpkg',
    expectedBytes: installation.installedBytes,
    action: scratch =>
      withNetworked(context, image.tree, { packages: step.packages, hasNetwork }, networked =>
        unpackAndConfigure(dpkgTarget(context, scratch), archives, {
          overwrite: plan.overwrite,
          ...networked,
          ...unconfigured(context, image.tree, installation),
        }),
      ),
  });
  return recordAutomatic(
    plainAfterDpkg(context, plan.mend(tree), { packages: step.packages, installation }),
    step.packages.filter(one => !isInstalled(before, one)),
    recordOptions(context, installation),
  );
}

/** dpkg gave files the permissions that packages ship; those of packages that must not keep them become plain. */
function plainAfterDpkg(
  { store }: BuildContext,
  tree: Tree,
  options: { packages: readonly AssemblyPackage[]; installation: Installation },
): Tree {
  const { packages, installation } = options;
  const changesOf = ({ infoName }: AssemblyPackage) =>
    installation.notes?.permissions.find(one => one.package === infoName)?.changes ?? [];
  if (packages.every(one => changesOf(one).length === 0)) return tree;
  const database = readDpkgDatabase(tree, file => readContent(store, file));
  return packages.reduce(
    (result, one) => withPlainPaths(result, one, { changes: changesOf(one), database }),
    tree,
  );
}

/** The tree without some packages and their configuration. */
export function removalStep(
  context: BuildContext,
  image: BuiltImage,
  names: readonly string[],
): Promise<Tree> {
  return runStage(context, image, {
    name: 'remove',
    expectedBytes: 0,
    action: scratch => purgePackages(dpkgTarget(context, scratch), names),
  });
}
