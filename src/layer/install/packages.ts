import { withContextSync } from '../../errors/index.ts';
import { log } from '../../report/index.ts';
import { type AssemblyPackage, describePackage } from '../assemble/index.ts';
import type { BuildContext } from '../context.ts';
import {
  type DebFile,
  importPackages,
  isDamage,
  isImported,
  type PackageImage,
  readPackage,
} from '../package/index.ts';
import type { Fetch } from './installation.ts';

/**
 * The packages in `debs` from the store, where each is imported once ever. One that is found damaged is imported
 * again.
 */
export async function importedPackages(
  context: BuildContext,
  debs: readonly DebFile[],
  fetch: Fetch,
): Promise<AssemblyPackage[]> {
  const missing = debs.filter(deb => !isImported(context.store, deb.sha256));
  if (missing.length > 0) {
    await fetch(missing);
    await importPackages(context.store, missing);
  }
  const found: AssemblyPackage[] = [];
  for (const deb of debs) {
    const image = await readOrMend(context, deb, fetch);
    found.push(withContextSync(deb.path, () => describePackage(image)));
  }
  return found;
}

async function readOrMend(context: BuildContext, deb: DebFile, fetch: Fetch): Promise<PackageImage> {
  const { store } = context;
  try {
    const found = readPackage(store, deb.sha256);
    if (found !== undefined) return found;
  } catch (error) {
    if (!isDamage(error)) throw error;
    log(context.host.report, 'warning', `${(error as Error).message}; importing it again`);
    await fetch([deb]);
    await importPackages(store, [deb], { repair: true });
  }
  const found = readPackage(store, deb.sha256);
  if (found === undefined) throw new Error(`${deb.path} is not in the store after its import`);
  return found;
}
