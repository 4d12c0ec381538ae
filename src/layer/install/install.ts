import type { RegularFile, Tree } from '../../formats/tree/index.ts';
import { readContent } from '../../store/index.ts';
import {
  type AssemblyPackage,
  type AssemblyPlan,
  planAssembly,
  readDpkgDatabase,
} from '../assemble/index.ts';
import { imageOf } from '../built-image.ts';
import type { BuildContext, BuiltImage } from '../context.ts';
import type { DebFile } from '../package/index.ts';
import { dpkgStep, removalStep } from './dpkg-step.ts';
import { epochOf } from './epoch.ts';
import type { Fetch, Installation, WantedPackage } from './installation.ts';
import { nativeStep } from './native-step.ts';
import { importedPackages } from './packages.ts';

export interface InstallOptions {
  readonly install: readonly WantedPackage[];
  /** Installed packages that go, `NAME` or `NAME:ARCH`. */
  readonly remove: readonly string[];
  /** Bytes that unpacking adds, as apt estimates it. */
  readonly installedBytes: number;
  readonly fetch: Fetch;
  /** Sees the packages before anything is done with them; throws to refuse them. */
  readonly inspect?: (packages: readonly AssemblyPackage[]) => void;
}

/** How each package would get into `image`; their archives must be there or imported. */
export async function planInstallation(
  context: BuildContext,
  image: BuiltImage,
  options: Pick<InstallOptions, 'install' | 'fetch'>,
): Promise<AssemblyPlan> {
  const debs = options.install.map(one => one.deb);
  const packages = await importedPackages(context, debs, options.fetch);
  return planFor(context, image.tree, packages);
}

export interface Installed {
  readonly tree: Tree;
  /** The newest time that came with the base or the packages: what is newer was made by installing. */
  readonly epochSeconds: number;
}

/**
 * The tree of `image` with packages installed and removed: those that dpkg has to replace something for by dpkg, all
 * others assembled from the store.
 */
export async function installPackages(
  context: BuildContext,
  image: BuiltImage,
  options: InstallOptions,
): Promise<Installed> {
  const { install, remove, fetch } = options;
  const packages = await importedPackages(
    context,
    install.map(one => one.deb),
    fetch,
  );
  options.inspect?.(packages);
  const installation: Installation = {
    automatic: new Set(install.filter(one => !one.requested).map(nameOf)),
    epochSeconds: epochOf(image.tree, packages),
    installedBytes: options.installedBytes,
    architecture: context.host.architecture,
    fetch,
  };
  const debs = new Map(install.map(({ deb }) => [deb.sha256, deb]));
  const current = remove.length > 0 ? imageOf(context, await removalStep(context, image, remove)) : image;
  const tree = await installAssembled(context, current, { packages, installation, debs });
  return { tree, epochSeconds: installation.epochSeconds };
}

/** The same for packages that were read already; `debs` by SHA-256. */
export async function installAssembled(
  context: BuildContext,
  image: BuiltImage,
  options: {
    packages: readonly AssemblyPackage[];
    installation: Installation;
    debs: ReadonlyMap<string, DebFile>;
  },
): Promise<Tree> {
  const { packages, installation, debs } = options;
  let current = image;
  let { tree } = image;
  const { steps } = planFor(context, tree, packages);
  for (const [index, step] of steps.entries()) {
    if (index > 0) current = imageOf(context, tree);
    tree =
      step.route === 'native'
        ? await nativeStep(context, current, { step, installation })
        : await dpkgStep(context, current, { step, installation, debs });
  }
  return tree;
}

function nameOf({ name, architecture }: WantedPackage): string {
  return architecture === 'all' ? name : `${name}:${architecture}`;
}

function planFor(context: BuildContext, tree: Tree, packages: readonly AssemblyPackage[]): AssemblyPlan {
  const read = (file: RegularFile) => readContent(context.store, file);
  return planAssembly(readDpkgDatabase(tree, read), packages);
}
