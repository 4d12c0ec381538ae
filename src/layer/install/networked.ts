import type { Networked } from '../../apt/index.ts';
import type { RegularFile, Tree } from '../../formats/tree/index.ts';
import { openPrivateNetwork } from '../../sandbox/index.ts';
import { readContent } from '../../store/index.ts';
import { type AssemblyPackage, configuredApart, readDpkgDatabase } from '../assemble/index.ts';
import type { BuildContext } from '../context.ts';

/** Packages of which some may have scripts that have a network. */
export interface NetworkOptions {
  readonly packages: readonly AssemblyPackage[];
  readonly hasNetwork: (one: AssemblyPackage) => boolean;
}

/** Runs `action` with a private network for the scripts of those packages that have one; without one where there are none. `before`: the system without them. */
export async function withNetworked<T>(
  { host, store, workDirectory }: BuildContext,
  before: Tree,
  { packages, hasNetwork }: NetworkOptions,
  action: (options: { readonly networked?: Networked }) => Promise<T>,
): Promise<T> {
  if (!packages.some(hasNetwork)) return action({});
  const database = readDpkgDatabase(before, (file: RegularFile) => readContent(store, file));
  const apart = configuredApart(database, packages, hasNetwork);
  const network = await openPrivateNetwork(host, `${workDirectory}/network`);
  try {
    return await action({
      networked: {
        network,
        packages: apart.map(one => ({
          name: one.package.infoName,
          before: one.before.map(other => other.infoName),
          inCircle: one.inCircle,
        })),
      },
    });
  } finally {
    await network.release();
  }
}
