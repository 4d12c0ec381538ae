import type { Host } from '../../host/index.ts';
import { log } from '../../report/index.ts';
import type { ArchiveSet } from '../archives.ts';
import type { AptCache } from '../cache.ts';
import type { SignedSource } from '../image-sources.ts';
import { listedRepositories, type ReleaseDates } from './list-files.ts';

/** As apt has it (`Acquire::Max-FutureTime`): clocks differ. */
const FUTURE_MS = 10_000;

interface Outdated {
  /** `URI SUITE`. */
  readonly archive: string;
  /** What its Release file says. */
  readonly says: string;
}

/**
 * The archives, `URI SUITE`, whose lists count although their Release file says that they have expired, or are of the future: the spec or this
 * machine's apt configuration wants it so. One warning says which, and who wants it.
 */
export function outdatedArchives(
  host: Pick<Host, 'sys' | 'clock' | 'report'>,
  { set, cache }: { readonly set: ArchiveSet; readonly cache: AptCache },
): string[] {
  const nowMs = host.clock().getTime();
  const found = listedRepositories(host, cache, set.architectures).flatMap(({ uri, suite, dates }) => {
    const says = outdatedSince(dates, nowMs);
    return says === undefined ? [] : [{ archive: `${uri.replace(/\/+$/, '')} ${suite}`, says, suite, uri }];
  });
  for (const byHost of [true, false]) {
    const theirs = found.filter(one => byHost === isByHost(set.sources, one));
    if (theirs.length > 0)
      log(host.report, 'warning', warning(theirs, byHost), { archives: theirs.map(one => one.archive) });
  }
  return found.map(one => one.archive);
}

function outdatedSince({ date, validUntil }: ReleaseDates, nowMs: number): string | undefined {
  if (Date.parse(validUntil) < nowMs) return `expired on ${validUntil}`;
  return Date.parse(date) > nowMs + FUTURE_MS ? `is of ${date}` : undefined;
}

/** Where it is not known by its address (a list of mirrors stands for it), by its suite. */
function isByHost(sources: readonly SignedSource[], { uri, suite }: { uri: string; suite: string }): boolean {
  const bare = (text: string) => text.replace(/\/+$/, '');
  const ofSuite = sources.filter(source => source.suites.includes(suite));
  const exact = ofSuite.filter(source => source.uris.some(one => bare(one) === bare(uri)));
  return (exact.length > 0 ? exact : ofSuite).some(source => source.datesOfHost === true);
}

function warning(outdated: readonly Outdated[], byHost: boolean): string {
  const which = outdated.map(({ archive, says }) => `${archive} (${says})`).join(', ');
  const who = byHost
    ? "this machine's apt configuration does not check dates (Acquire::Check-Valid-Until, Check-Date)"
    : 'the spec has a `snapshot`';
  return `old package lists are used, since ${who}: ${which}`;
}
