import { purgePackages, unpackAndConfigure } from '../../apt/index.ts';
import type { Tree } from '../../formats/tree/index.ts';
import { readContent } from '../../store/index.ts';
import { type AssemblyStep, isInstalled, readDpkgDatabase, recordAutomatic } from '../assemble/index.ts';
import type { BuildContext, BuiltImage } from '../context.ts';
import type { DebFile } from '../package/index.ts';
import { runStage } from '../stage.ts';
import { recordOptions } from './assemble.ts';
import { dpkgTarget, type Installation } from './installation.ts';

/** Installs packages with dpkg itself: what replaces something that is there. */
export async function dpkgStep(
  context: BuildContext,
  image: BuiltImage,
  options: { step: AssemblyStep; installation: Installation; debs: ReadonlyMap<string, DebFile> },
): Promise<Tree> {
  const { step, installation, debs } = options;
  const before = readDpkgDatabase(image.tree, file => readContent(context.store, file));
  const archives = step.packages.map(one => debs.get(one.image.sha256) as DebFile);
  await installation.fetch(archives);
  const tree = await runStage(context, image, {
    name: 'dpkg',
    expectedBytes: installation.installedBytes,
    action: scratch =>
      unpackAndConfigure(
        dpkgTarget(context, scratch),
        archives.map(deb => deb.path),
      ),
  });
  return recordAutomatic(
    tree,
    step.packages.filter(one => !isInstalled(before, one)),
    recordOptions(context, installation),
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
