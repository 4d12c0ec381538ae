import { AptLayerError } from '../errors/index.ts';
import { hashFile } from '../fs/index.ts';
import type { Host } from '../host/index.ts';
import { step } from '../report/index.ts';
import type { AcquireOptions } from './acquire-options.ts';
import { type AptCache, recordMetadata } from './cache.ts';
import { failing } from './failing.ts';
import { type FetchFile, fetchFiles, fetchSettings, fetchStep, isFetchable } from './fetch/index.ts';
import {
  type AptRequest,
  installArguments,
  LOCAL_DEBS,
  type Resolution,
  type ResolvedPackage,
} from './request.ts';
import { parseResolution } from './simulation.ts';
import { parseUpdate, type SourceUpdate } from './source-states.ts';
import { statusFdProgress } from './status-fd.ts';
import { type AptTarget, callApt } from './target.ts';

/** Without it `--print-uris` names the MD5 of archives that have several hashes. */
const SHA256_ONLY = 'Acquire::ForceHash=SHA256';

/** An empty directory, so that apt names every archive and not only those that are not cached. */
const NO_ARCHIVES = 'Dir::Cache::archives=/run/apt-layer/no-archives';

/** Fetches the index files of the target's sources, signatures verified by apt. Throws NETWORK or SIGNATURE. */
export function refreshMetadata(target: AptTarget): Promise<SourceUpdate[]> {
  return step(target.host.report, 'refresh', 'Fetching package lists', async () => {
    // Any: a source that cannot be reached or verified is an error, not a warning about old index files.
    const command = ['apt-get', '-q', '-o', 'APT::Update::Error-Mode=any', 'update'];
    const output = await failing(target, () =>
      callApt(target, { command, network: true, writeCaches: true }),
    );
    recordMetadata(target.host, target.cache);
    return parseUpdate(output.stdout.toString('utf8'));
  });
}

/** What apt would install and remove. Throws RESOLVE_FAILED with apt's reasons. */
export async function resolve(target: AptTarget, request: AptRequest): Promise<Resolution> {
  const command = [
    ...['sh', '-c', 'mkdir -p /run/apt-layer/no-archives/partial && exec "$@"', 'sh'],
    ...[
      'apt-get',
      '-q',
      'install',
      '--print-uris',
      '-o',
      NO_ARCHIVES,
      '-o',
      SHA256_ONLY,
      ...installArguments(request),
    ],
  ];
  const output = await failing(target, () => callApt(target, { command, request }));
  return parseResolution(output.stdout.toString('utf8'));
}

export interface FetchOptions {
  readonly acquire: AcquireOptions;
  readonly cache: AptCache;
  readonly packages: readonly ResolvedPackage[];
  /** Whether the network may be used. */
  readonly network: boolean;
  /** Fetches what only apt's own methods can: other protocols, mirrors with client certificates. */
  readonly byApt: (packages: readonly ResolvedPackage[]) => Promise<void>;
}

/** Puts every archive of `packages` into the cache and checks each against its hash. Throws NETWORK or INTEGRITY. */
export async function fetchArchives(host: Host, options: FetchOptions): Promise<void> {
  const { cache, network } = options;
  const wanted = options.packages.filter(entry => !entry.uri.startsWith(`file:${LOCAL_DEBS}/`));
  const missing = wanted.filter(entry => !archiveIsCached(host, cache, entry));
  if (missing.length === 0) return;
  if (!network) throw notCached(missing);
  const settings = fetchSettings(host, options.acquire);
  const ours: FetchFile[] = [];
  const theirs: ResolvedPackage[] = [];
  for (const entry of missing) {
    const { uri, fileName, size, sha256 } = entry;
    if (sha256 === undefined || !isFetchable(uri, settings)) theirs.push(entry);
    else
      ours.push({
        uri,
        path: `${cache.archives}/${fileName}`,
        partial: `${cache.archives}/partial/${fileName}`,
        size,
        sha256,
      });
  }
  if (ours.length > 0) await fetchFiles(host, ours, settings);
  if (theirs.length > 0) await options.byApt(theirs);
  for (const entry of theirs) if (!archiveIsCached(host, cache, entry)) throw wrongArchive(entry);
}

/** Fetches archives with the target's apt. Only what `request` would install. */
export function fetchWithApt(
  target: AptTarget,
  request: AptRequest,
  packages: readonly ResolvedPackage[],
): Promise<void> {
  return fetchStep(target.host.report, packages, async () => {
    const command = ['apt-get', '-q', 'install', '--download-only', ...installArguments(request)];
    const progress = statusFdProgress(target.host.report, 'fetch');
    await failing(target, () =>
      callApt(target, { command, request, network: true, writeCaches: true }, { onStatusLine: progress }),
    );
  });
}

function notCached(missing: readonly ResolvedPackage[]): AptLayerError {
  const names = missing.slice(0, 5).map(entry => entry.name);
  const more = missing.length > names.length ? ` and ${missing.length - names.length} more` : '';
  return new AptLayerError(
    'NETWORK',
    `${names.join(', ')}${more} are not in the package cache, and --offline forbids fetching`,
    {
      hint: 'run it once without --offline',
    },
  );
}

function wrongArchive(entry: ResolvedPackage): AptLayerError {
  const { fileName, uri, sha256 } = entry;
  return new AptLayerError(
    'INTEGRITY',
    `${fileName} from ${uri} is not what its index says: SHA-256 ${sha256} is expected`,
    {
      hint: 'run it again with --refresh; if it stays so, the mirror is damaged',
    },
  );
}

/** Whether the cache has the archive, whole and with the right hash. A damaged one is removed. */
function archiveIsCached({ sys }: Host, cache: AptCache, entry: ResolvedPackage): boolean {
  const path = `${cache.archives}/${entry.fileName}`;
  const stat = sys.lstatIfExists(path);
  if (stat === undefined) return false;
  const matches =
    stat.size === entry.size && (entry.sha256 === undefined || hashFile(sys, path) === entry.sha256);
  if (!matches) sys.unlink(path);
  return matches;
}
