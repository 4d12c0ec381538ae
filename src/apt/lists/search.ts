import { AptLayerError } from '../../errors/index.ts';
import { compareVersions, isVersion } from '../../formats/debversion/index.ts';
import type { Host } from '../../host/index.ts';
import type { AptCache } from '../cache.ts';
import { listedRepositories, readIndex } from './list-files.ts';

/** A package that a search found. */
export interface SearchHit {
  readonly name: string;
  /** The first line of its description. */
  readonly summary: string;
}

/** What a search looks through. */
export interface SearchedPackage {
  readonly name: string;
  readonly version: string;
  /** All its lines. */
  readonly description: string;
}

/**
 * The packages of the lists at hand, and of `status` (dpkg's), whose names or descriptions match each of `words`: extended
 * regular expressions, whatever the case, as apt-cache(8) takes them. By name, each once, as its newest version has it. USAGE for
 * a word that is none.
 */
export function searchPackages(
  host: Pick<Host, 'sys'>,
  lists: { readonly cache: AptCache; readonly architectures: readonly string[]; readonly status: Buffer },
  words: readonly string[],
): SearchHit[] {
  const patterns = words.map(expression);
  const files = listedRepositories(host, lists.cache, lists.architectures).flatMap(one => one.packages);
  const indexes = files.map(file => () => packagesOf(readIndex(host, file)));
  return newestHits([() => packagesOf(lists.status), ...indexes], patterns);
}

/** The same without root: in the lists of an image, and in what is known of the packages that are there. */
export function searchPublicLists(
  host: Pick<Host, 'sys'>,
  lists: { readonly files: readonly string[]; readonly installed: Iterable<SearchedPackage> },
  words: readonly string[],
): SearchHit[] {
  const patterns = words.map(expression);
  const indexes = lists.files.map(file => () => packagesOf(readIndex(host, file)));
  return newestHits([() => lists.installed, ...indexes], patterns);
}

/** One source after the other, so that no two large indexes are in memory. */
function newestHits(
  sources: readonly (() => Iterable<SearchedPackage>)[],
  patterns: readonly RegExp[],
): SearchHit[] {
  const hits = new Map<string, SearchHit & { readonly version: string }>();
  for (const source of sources)
    for (const { name, version, description } of source()) {
      if (!patterns.every(one => one.test(name) || one.test(description))) continue;
      const before = hits.get(name);
      if (before === undefined || isNewer(version, before.version))
        hits.set(name, { name, summary: description.split('\n', 1)[0] ?? '', version });
    }
  return [...hits.values()]
    .map(({ name, summary }) => ({ name, summary }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The packages of an index. What is no package is passed over. */
function* packagesOf(index: Buffer): Generator<SearchedPackage> {
  for (const stanza of index.toString('utf8').split(/\n\n+/)) {
    const name = /^Package: *(\S+)/m.exec(stanza)?.[1];
    if (name === undefined || /^Status: .* (?:not-installed|config-files)$/m.test(stanza)) continue;
    const description = /^Description(?:-en)?: *(.*(?:\n .*)*)/m.exec(stanza)?.[1] ?? '';
    const version = /^Version: *(\S+)/m.exec(stanza)?.[1] ?? '';
    yield { name, version, description };
  }
}

function isNewer(version: string, than: string): boolean {
  return isVersion(version) && isVersion(than) && compareVersions(version, than) > 0;
}

/** Classes that POSIX has and we have not. */
const CLASSES: Readonly<Record<string, string>> = {
  alpha: 'a-zA-Z',
  digit: '0-9',
  alnum: 'a-zA-Z0-9',
  upper: 'A-Z',
  lower: 'a-z',
  space: '\\s',
  blank: ' \\t',
  punct: '!-\\/:-@\\[-`{-~',
};

function expression(word: string): RegExp {
  const source = word.replace(/\[:([a-z]+):\]/g, (all, name: string) => CLASSES[name] ?? all);
  try {
    return new RegExp(source, 'is');
  } catch (error) {
    throw new AptLayerError('USAGE', `${JSON.stringify(word)} is no regular expression`, {
      hint: 'put a backslash before characters such as + * [ (',
      cause: error,
    });
  }
}
