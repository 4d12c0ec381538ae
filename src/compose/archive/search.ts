import { publicLists, type SearchHit, searchPublicLists } from '../../apt/index.ts';
import { isDenied, readOrigin, recordedPackages } from '../../deployment/index.ts';
import { AptLayerError } from '../../errors/index.ts';
import { searchLists } from '../../layer/index.ts';
import { log } from '../../report/index.ts';
import type { Sysroot } from '../../transaction/index.ts';
import { currentDeployment } from '../change/index.ts';
import { recordsIn } from '../packages/index.ts';
import { type PackageSpec, packageSpecOf } from '../public/index.ts';
import { isDebRequest, packageKey } from '../spec/index.ts';
import { ensureCurrentLists, type LookupOptions, withCurrentArchive } from './current.ts';

/** A package that a search found. */
export interface FoundPackage {
  readonly name: string;
  readonly summary: string;
  /** The version in the first deployment; null when it is not there. */
  readonly installed: string | null;
  /** The spec of that deployment names it. */
  readonly layered: boolean;
  /** Where the words are: a name that is one of them comes first, and the summary alone last. */
  readonly match: 'exact' | 'name' | 'description';
}

type SearchOptions = LookupOptions & { readonly words: readonly string[] };

/**
 * Searches names and descriptions in the archives of the first deployment, best matches first. Without root it looks at the lists
 * that root fetched, whatever their age, and of installed packages at their summaries.
 */
export async function searchArchive(at: Sysroot, options: SearchOptions): Promise<FoundPackage[]> {
  const { words } = options;
  const { id } = currentDeployment(at);
  const layered = layeredIn(packageSpecOf(at, id));
  const { hits, installed } = isReadable(at, id) ? await search(at, options) : searchPublic(at, options);
  return hits
    .map(({ name, summary }) => ({
      name,
      summary,
      installed: installed.get(name) ?? null,
      layered: layered.has(name),
      match: matchOf(name, words),
    }))
    .sort((a, b) => ORDER.indexOf(a.match) - ORDER.indexOf(b.match) || (a.name < b.name ? -1 : 1));
}

function isReadable(at: Sysroot, id: string): boolean {
  try {
    readOrigin(at, id);
    return true;
  } catch (error) {
    if (!isDenied(error)) throw error;
    return false;
  }
}

function layeredIn({ layers }: PackageSpec): ReadonlySet<string> {
  const names = layers.filter(request => !isDebRequest(request)).map(packageKey);
  return new Set(names.map(name => name.replace(/:.*$/, '')));
}

interface Searched {
  readonly hits: readonly SearchHit[];
  /** Versions by name. */
  readonly installed: ReadonlyMap<string, string>;
}

function search(at: Sysroot, options: SearchOptions): Promise<Searched> {
  return withCurrentArchive(at, options, async (context, image) => {
    await ensureCurrentLists(context, image, options);
    return {
      hits: await searchLists(context, image, options.words),
      installed: versionsOf(recordsIn(context.store, image.tree).values()),
    };
  });
}

function searchPublic(at: Sysroot, { metadata, words }: SearchOptions): Searched {
  const { host, sysroot } = at;
  if (metadata.refresh) throw onlyRoot('package lists can only be fetched by root', '--refresh');
  if ((metadata.withoutSources ?? []).length > 0)
    throw onlyRoot('only root may read which sources there are', '--disable-repo');
  const deployment = currentDeployment(at);
  const packages = [...recordedPackages(at, deployment).values()];
  const lists = publicLists(host, sysroot, deployment.image);
  if (lists === undefined)
    throw new AptLayerError(
      'NOT_FOUND',
      `there are no package lists of ${deployment.id} that anybody may read`,
      {
        hint: '`sudo apt-layer refresh-md` fetches them',
      },
    );
  log(host.report, 'info', `package lists are ${ageOf(lists.ageSeconds)} old`);
  const known = packages.map(({ name, version, summary }) => ({ name, version, description: summary }));
  return {
    hits: searchPublicLists(host, { files: lists.files, installed: known }, words),
    installed: versionsOf(packages),
  };
}

function onlyRoot(what: string, option: string): AptLayerError {
  return new AptLayerError('PERMISSION', what, { hint: `run it with sudo, or without ${option}` });
}

function versionsOf(
  packages: Iterable<{ readonly name: string; readonly version: string }>,
): Map<string, string> {
  return new Map([...packages].map(one => [one.name, one.version]));
}

function ageOf(seconds: number): string {
  const [count, unit] =
    seconds < 7200
      ? [seconds / 60, 'minute']
      : seconds < 2 * 86_400
        ? [seconds / 3600, 'hour']
        : [seconds / 86_400, 'day'];
  const whole = Math.max(0, Math.round(count));
  return `${whole} ${unit}${whole === 1 ? '' : 's'}`;
}

const ORDER: readonly FoundPackage['match'][] = ['exact', 'name', 'description'];

function matchOf(name: string, words: readonly string[]): FoundPackage['match'] {
  if (words.includes(name)) return 'exact';
  return words.every(word => name.includes(word.toLowerCase())) ? 'name' : 'description';
}
