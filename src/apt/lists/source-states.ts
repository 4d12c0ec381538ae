import type { Host } from '../../host/index.ts';
import type { AptCache } from '../cache.ts';
import { parseSize } from '../simulation.ts';
import { listedRepositories } from './list-files.ts';

/** A source whose index files are at hand. */
export interface SourceLists {
  readonly uri: string;
  /** As the source names it. */
  readonly suite: string;
  readonly label: string;
  readonly codename: string;
}

/** What an update did about one source. */
export interface SourceUpdate {
  readonly uri: string;
  readonly suite: string;
  /** `unchanged`: what is at hand is what the archive has. */
  readonly state: 'fetched' | 'unchanged';
  /** What was fetched, as apt rounds it. */
  readonly bytes: number;
}

/** The sources of which there are index files, in apt's order. */
export function sourcesWithLists(
  host: Pick<Host, 'sys'>,
  lists: { readonly cache: AptCache; readonly architectures: readonly string[] },
): SourceLists[] {
  return listedRepositories(host, lists.cache, lists.architectures)
    .filter(({ packages }) => packages.length > 0)
    .map(({ uri, suite, origin: { label, codename } }) => ({
      uri: withoutSlash(uri),
      suite,
      label,
      codename,
    }));
}

/** Reads the lines of `apt-get update`: `Hit:1 URI SUITE InRelease`, `Get:2 URI SUITE/COMPONENT ... [12 kB]`. */
export function parseUpdate(output: string): SourceUpdate[] {
  const found = new Map<string, SourceUpdate>();
  for (const line of output.split('\n')) {
    const [, word, address = '', name = '', rest = ''] =
      /^(Hit|Get):\d+ (\S+) ([^\s/]+(?:\/(?=\s))?)(.*)$/.exec(line) ?? [];
    if (word === undefined) continue;
    const [uri, suite] = [withoutSlash(address), name];
    const before = found.get(`${uri} ${suite}`);
    const bytes = word === 'Get' ? parseSize(/\[([\d.,]+ [kMG]?B)\]$/.exec(rest)?.[1] ?? '') : 0;
    found.set(`${uri} ${suite}`, {
      uri,
      suite,
      state: word === 'Get' || before?.state === 'fetched' ? 'fetched' : 'unchanged',
      bytes: bytes + (before?.bytes ?? 0),
    });
  }
  return [...found.values()];
}

function withoutSlash(uri: string): string {
  return uri.replace(/\/+$/, '');
}
