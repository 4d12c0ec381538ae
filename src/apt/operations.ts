import { createHash } from 'node:crypto';
import { AptLayerError } from '../errors/index.ts';
import { step } from '../report/index.ts';
import { recordMetadata } from './cache.ts';
import { failing } from './failing.ts';
import { type AptRequest, installArguments, type Resolution, type ResolvedPackage } from './request.ts';
import { parseInstalledBytes, parsePrintUris, parseRemovals } from './simulation.ts';
import { statusFdProgress } from './status-fd.ts';
import { type AptTarget, callApt } from './target.ts';

/** Without it `--print-uris` names the MD5 of archives that have several hashes. */
const SHA256_ONLY = 'Acquire::ForceHash=SHA256';

/** An empty directory, so that apt names every archive and not only those that are not cached. */
const NO_ARCHIVES = 'Dir::Cache::archives=/run/apt-layer/no-archives';

/** Fetches the index files of the target's sources, signatures verified by apt. Throws NETWORK or SIGNATURE. */
export function refreshMetadata(target: AptTarget): Promise<void> {
  return step(target.host.report, 'refresh', 'Fetching package lists', async () => {
    // Any: a source that cannot be reached or verified is an error, not a warning about old index files.
    const command = ['apt-get', '-q', '-o', 'APT::Update::Error-Mode=any', 'update'];
    await failing(target, () => callApt(target, { command, network: true, writeCaches: true }));
    recordMetadata(target.host, target.cache);
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
  const text = output.stdout.toString('utf8');
  return {
    install: parsePrintUris(text),
    remove: parseRemovals(text),
    installedBytes: parseInstalledBytes(text),
  };
}

export interface FetchOptions {
  readonly request: AptRequest;
  readonly packages: readonly ResolvedPackage[];
  readonly network: boolean;
}

/** Puts every archive of `packages` into the cache and checks each against its hash. */
export async function fetchArchives(target: AptTarget, options: FetchOptions): Promise<void> {
  const { request, packages } = options;
  const wanted = packages.filter(entry => !entry.uri.startsWith('file:/run/apt-layer/'));
  const missing = wanted.filter(entry => !archiveIsCached(target, entry));
  if (missing.length === 0) return;
  if (!options.network) throw notCached(missing);
  const total = missing.reduce((sum, entry) => sum + entry.size, 0);
  const text = `Fetching ${missing.length} packages (${(total / 1e6).toFixed(1)} MB)`;
  await step(target.host.report, 'fetch', text, async () => {
    const command = ['apt-get', '-q', 'install', '--download-only', ...installArguments(request)];
    const progress = statusFdProgress(target.host.report, 'fetch');
    await failing(target, () =>
      callApt(target, { command, request, network: true, writeCaches: true }, { onStatusLine: progress }),
    );
  });
  for (const entry of missing) if (!archiveIsCached(target, entry)) throw wrongArchive(entry);
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
function archiveIsCached(target: AptTarget, entry: ResolvedPackage): boolean {
  const { sys } = target.host;
  const path = `${target.cache.archives}/${entry.fileName}`;
  const stat = sys.lstatIfExists(path);
  if (stat === undefined) return false;
  const matches =
    stat.size === entry.size &&
    (entry.sha256 === undefined ||
      createHash('sha256').update(sys.readFile(path)).digest('hex') === entry.sha256);
  if (!matches) sys.unlink(path);
  return matches;
}
