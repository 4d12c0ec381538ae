import { AptLayerError } from '../errors/index.ts';
import { hashFile, readPieces } from '../fs/index.ts';
import type { Host } from '../host/index.ts';
import type { AcquireOptions } from './acquire-options.ts';
import type { AptCache } from './cache.ts';
import { failing } from './failing.ts';
import { type FetchFile, fetchFiles, fetchSettings, fetchStep, isFetchable } from './fetch/index.ts';
import { callHostApt, type HostApt } from './host-apt.ts';
import { LOCAL_DEBS, type ResolvedPackage } from './request.ts';
import { parseAddress } from './sources/index.ts';

export interface FetchOptions {
  readonly acquire: AcquireOptions;
  readonly cache: AptCache;
  readonly packages: readonly ResolvedPackage[];
  /** Whether the network may be used. */
  readonly network: boolean;
  /** Fetches what only apt's own methods can, mirrors with client certificates and the like: `fetchByHostApt`. */
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
    const path = `${cache.archives}/${fileName}`;
    const local = directoryPath(uri);
    if (local !== undefined) copyLocal(host, local, path);
    if (sha256 === undefined || !isFetchable(uri, settings)) theirs.push(entry);
    else ours.push({ uri, path, partial: `${cache.archives}/partial/${fileName}`, size, sha256 });
  }
  if (ours.length > 0) await fetchFiles(host, ours, settings);
  const rest = theirs.filter(entry => directoryPath(entry.uri) === undefined);
  if (rest.length > 0) await options.byApt(rest);
  for (const entry of theirs) if (!archiveIsCached(host, cache, entry)) throw wrongArchive(entry);
}

/** Fetches archives with the host's apt, by address and hash. */
export function fetchByHostApt(apt: HostApt, packages: readonly ResolvedPackage[]): Promise<void> {
  const { host, cache } = apt;
  return fetchStep(host.report, packages, async () => {
    const files = packages.flatMap(({ uri, fileName, sha256 }) => [
      ...[uri, `${cache.archives}/${fileName}`, sha256 === undefined ? '' : `SHA256:${sha256}`],
    ]);
    await failing(apt, () => callHostApt(apt, ['/usr/lib/apt/apt-helper', 'download-file', ...files]));
  });
}

/** The path in an address that is a directory of this machine. */
function directoryPath(uri: string): string | undefined {
  const address = parseAddress(uri);
  if (address === undefined || !['copy:', 'file:'].includes(address.scheme)) return undefined;
  return decodeURIComponent(address.path);
}

/** Copies an archive out of a directory of this machine. */
function copyLocal({ sys }: Host, from: string, to: string): void {
  const source = sys.openFollowing(from);
  try {
    const target = sys.create(to, 0o644);
    try {
      readPieces(sys, source, piece => sys.write(target, piece));
    } finally {
      sys.close(target);
    }
  } finally {
    sys.close(source);
  }
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
