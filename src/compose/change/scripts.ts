import { AptLayerError } from '../../errors/index.ts';
import type { Host } from '../../host/index.ts';
import { analysePackage, type PackageReport, packageIn } from '../../layer/index.ts';
import { type Sysroot, withTransaction } from '../../transaction/index.ts';
import { planBuild, plannedPackages } from '../build/index.ts';
import { inOneStage } from '../lock/index.ts';
import { type PackageRequest, parsePackageRequest } from '../spec/index.ts';
import { buildContext, type ChangeOptions } from './change.ts';
import { settleFiles } from './local-debs.ts';
import { currentOrigin, editOrigin } from './origin.ts';

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
    const { edits, lock } = settleFiles(at.host, currentOrigin(transaction), [
      { kind: 'add-layers', requests },
      { kind: 'resolve-paths', baseDirectory: process.cwd() },
    ]);
    const { spec, origin } = editOrigin(transaction, edits);
    const asked = new Set(requests.map(text => nameOf(at.host, parsePackageRequest(text))));
    const context = buildContext(transaction);
    const plan = await planBuild(context, spec, { metadata, lock: inOneStage(lock), staysOnBase: true });
    const before = new Set(origin.lock.packages.map(({ name, version }) => `${name} ${version}`));
    const isAskedFor = ({ name, version }: { name: string; version: string }) =>
      asked.has(name) || (all && !before.has(`${name} ${version}`));
    const packages = (await plannedPackages(context, plan, { metadata })).filter(isAskedFor);
    if (packages.length === 0)
      throw new AptLayerError('NOT_FOUND', `${requests.join(', ')}: the base has that already`, {
        hint: 'scripts of the base ran when the base was made',
      });
    return { packages: packages.map(one => analysePackage(one.image.control)) };
  });
}

/** The package that a request asks for; a file says itself which it is. */
function nameOf(host: Host, request: PackageRequest): string | undefined {
  if (request.kind === 'file') return packageIn(host.sys, request.path).name;
  // The file at an address is called as the archive of its package is.
  if (request.kind === 'url') return request.url.replace(/^.*\//, '').replace(/_.*$/, '');
  return request.name;
}
