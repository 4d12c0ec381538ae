import { AptLayerError } from '../errors/index.ts';
import { assertAnswered, assertFilesAnswered, parseSelections } from './answered.ts';
import { failing } from './failing.ts';
import type { InstalledPackage } from './installed.ts';
import { confirmPackages } from './lists/index.ts';
import { type AptRequest, installArguments, type Resolution } from './request.ts';
import { parseResolution } from './simulation.ts';
import { type AptTarget, callApt } from './target.ts';
import { explainUnavailable } from './unavailable.ts';

/** Without it `--print-uris` names the MD5 of archives that have several hashes. */
const SHA256_ONLY = 'Acquire::ForceHash=SHA256';

/** An empty directory, so that apt names every archive and not only those that are not cached. */
const NO_ARCHIVES = 'Dir::Cache::archives=/run/apt-layer/no-archives';

/**
 * What the target's apt would install and remove, each archive as the verified lists have it. RESOLVE_FAILED with apt's
 * reasons, and for a request or a file that it leaves out; INTEGRITY where it names what no list has. `installed` is what the system has, `packageAt`
 * what a file holds.
 */
export async function resolve(
  target: AptTarget,
  request: AptRequest,
  {
    installed,
    packageAt,
  }: {
    readonly installed: () => ReadonlyMap<string, InstalledPackage>;
    readonly packageAt: (path: string) => InstalledPackage;
  },
): Promise<Resolution> {
  const options = ['-o', NO_ARCHIVES, '-o', SHA256_ONLY];
  const output = await failing(target, () =>
    callApt(target, {
      command: ['apt-get', '-q', 'install', '--print-uris', ...options, ...installArguments(request)],
      request,
    }),
  ).catch(async (error: unknown) => {
    throw error instanceof AptLayerError ? await explainUnavailable(target, request, error) : error;
  });
  const text = output.stdout.toString('utf8');
  const said = parseResolution(text);
  const answer = { ...said, selections: parseSelections(text) };
  assertAnswered(request, answer, { installed, native: target.host.architecture });
  assertFilesAnswered(request.files, said, { installed, packageAt });
  return { ...said, install: confirmPackages(target.host, target, said.install) };
}
