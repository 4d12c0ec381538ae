import { configurePackages, runPreinsts } from '../../apt/index.ts';
import type { Tree } from '../../formats/tree/index.ts';
import type { AssemblyStep } from '../assemble/index.ts';
import { imageOf } from '../built-image.ts';
import type { BuildContext, BuiltImage } from '../context.ts';
import { runStage } from '../stage.ts';
import { assemble } from './assemble.ts';
import { configuringBytes, dpkgTarget, type Installation, preinstOf, unconfigured } from './installation.ts';
import { type NetworkOptions, withNetworked } from './networked.ts';

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
  const { hasNetwork = () => false } = installation;
  const prepared = await prepare(context, image, { packages: step.preinsts, hasNetwork });
  const assembled = assemble(context, prepared, { packages: step.packages, installation });
  return runStage(context, imageOf(context, assembled), {
    name: 'configure',
    expectedBytes: configuringBytes(installation),
    action: scratch =>
      withNetworked(context, image.tree, { packages: step.packages, hasNetwork }, networked =>
        configurePackages(dpkgTarget(context, scratch), {
          packages: step.packages.length,
          ...networked,
          ...unconfigured(context, assembled, installation),
        }),
      ),
  });
}

async function prepare(
  context: BuildContext,
  image: BuiltImage,
  { packages, hasNetwork }: NetworkOptions,
): Promise<Tree> {
  if (packages.length === 0) return image.tree;
  return runStage(context, image, {
    name: 'preinst',
    expectedBytes: 0,
    action: scratch =>
      withNetworked(context, image.tree, { packages, hasNetwork }, async ({ networked }) => {
        const target = dpkgTarget(context, scratch);
        if (networked === undefined) return runPreinsts(target, packages.map(preinstOf));
        for (const one of packages)
          await runPreinsts(target, [preinstOf(one)], hasNetwork(one) ? networked.network : undefined);
      }),
  });
}
