import { AptLayerError } from '../../errors/index.ts';
import { analysePackage, type PackageReport } from '../../layer/index.ts';
import { type Sysroot, withTransaction } from '../../transaction/index.ts';
import { planBuild, plannedPackages } from '../build/index.ts';
import { buildContext, type ChangeOptions } from './change.ts';
import { editOrigin } from './origin.ts';

export interface ScriptsResult {
  /** By name. */
  readonly packages: readonly PackageReport[];
}

/**
 * Analyses the maintainer scripts of packages that would come if `requests` were layered on the first deployment: of those
 * that are asked for, or of `all` that would come with them. Fetches and imports them; changes nothing else.
 */
export function analyseScripts(
  at: Sysroot,
  options: Pick<ChangeOptions, 'verb' | 'commandLine' | 'waitSeconds' | 'metadata'> & {
    readonly requests: readonly string[];
    readonly all: boolean;
  },
): Promise<ScriptsResult> {
  const { verb, commandLine, waitSeconds, metadata, requests, all } = options;
  return withTransaction(at, { verb, commandLine, wait: waitSeconds }, async transaction => {
    const { spec, origin } = editOrigin(transaction, [
      { kind: 'add-layers', requests },
      { kind: 'resolve-paths', baseDirectory: process.cwd() },
    ]);
    const context = buildContext(transaction);
    const plan = await planBuild(context, spec, { metadata, lock: origin.lock });
    const before = new Set(origin.lock.packages.map(({ name, version }) => `${name} ${version}`));
    const isAskedFor = ({ name, version }: { name: string; version: string }) =>
      requests.some(text => text.replace(/[:=/].*$/, '') === name || text.includes(`/${name}_`)) ||
      (all && !before.has(`${name} ${version}`));
    const packages = (await plannedPackages(context, plan, metadata)).filter(isAskedFor);
    if (packages.length === 0)
      throw new AptLayerError('NOT_FOUND', `${requests.join(', ')}: the base has that already`, {
        hint: 'scripts of the base ran when the base was made',
      });
    return { packages: packages.map(one => analysePackage(one.image.control)) };
  });
}
