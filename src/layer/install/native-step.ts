import { configurePackages, runPreinsts } from '../../apt/index.ts';
import type { Tree } from '../../formats/tree/index.ts';
import type { AssemblyPackage, AssemblyStep } from '../assemble/index.ts';
import { imageOf } from '../built-image.ts';
import type { BuildContext, BuiltImage } from '../context.ts';
import { runStage } from '../stage.ts';
import { assemble } from './assemble.ts';
import { configuringBytes, dpkgTarget, type Installation, preinstOf, unconfigured } from './installation.ts';

/**
 * Installs packages that were never there: their preinsts run, their trees are merged, dpkg's records written, and dpkg
 * configures them. Nothing is unpacked.
 */
export async function nativeStep(
  context: BuildContext,
  image: BuiltImage,
  options: { step: AssemblyStep; installation: Installation },
): Promise<Tree> {
  const { step, installation } = options;
  const prepared = await prepare(context, image, step.preinsts);
  const assembled = assemble(context, prepared, { packages: step.packages, installation });
  return runStage(context, imageOf(context, assembled), {
    name: 'configure',
    expectedBytes: configuringBytes(installation),
    action: scratch =>
      configurePackages(dpkgTarget(context, scratch), {
        packages: step.packages.length,
        ...unconfigured(context, assembled, installation),
      }),
  });
}

async function prepare(
  context: BuildContext,
  image: BuiltImage,
  packages: readonly AssemblyPackage[],
): Promise<Tree> {
  if (packages.length === 0) return image.tree;
  return runStage(context, image, {
    name: 'preinst',
    expectedBytes: 0,
    action: scratch => runPreinsts(dpkgTarget(context, scratch), packages.map(preinstOf)),
  });
}
