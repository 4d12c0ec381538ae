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

/** Why lists count that are out of date. */
const REASONS = {
  host: "this machine's apt configuration does not check dates (Acquire::Check-Valid-Until, Check-Date)",
  spec: 'the spec says so (`snapshot`, or `check-valid-until` of the repository)',
  kept: 'they were fetched before that',
} as const;

/**
 * The archives, `URI SUITE`, whose lists count although their Release file says that they have expired, or are of the future. A warning says
 * which, and why they count.
 */
export function outdatedArchives(
  host: Pick<Host, 'sys' | 'clock' | 'report'>,
  { set, cache }: { readonly set: ArchiveSet; readonly cache: AptCache },
): string[] {
  const nowMs = host.clock().getTime();
  const found = listedRepositories(host, cache, set.architectures).flatMap(({ uri, suite, dates }) => {
    const says = outdatedSince(dates, nowMs);
    const archive = `${uri.replace(/\/+$/, '')} ${suite}`;
    return says === undefined ? [] : [{ archive, says, reason: reasonOf(set.sources, { uri, suite }) }];
  });
  for (const reason of Object.keys(REASONS) as (keyof typeof REASONS)[]) {
    const theirs = found.filter(one => one.reason === reason);
    const archives = theirs.map(one => one.archive);
    if (theirs.length > 0) log(host.report, 'warning', warning(theirs, REASONS[reason]), { archives });
  }
  return found.map(one => one.archive);
}

function outdatedSince({ date, validUntil }: ReleaseDates, nowMs: number): string | undefined {
  if (Date.parse(validUntil) < nowMs) return `expired on ${validUntil}`;
  return Date.parse(date) > nowMs + FUTURE_MS ? `is of ${date}` : undefined;
}

/** Of a source that is not known by its address (a list of mirrors stands for it), by its suite. */
function reasonOf(
  sources: readonly SignedSource[],
  { uri, suite }: { uri: string; suite: string },
): keyof typeof REASONS {
  const bare = (text: string) => text.replace(/\/+$/, '');
  const ofSuite = sources.filter(source => source.suites.includes(suite));
  const exact = ofSuite.filter(source => source.uris.some(one => bare(one) === bare(uri)));
  const theirs = exact.length > 0 ? exact : ofSuite;
  if (theirs.some(source => source.datesOfHost === true)) return 'host';
  const isUnchecked = ({ options }: SignedSource) =>
    ['check-valid-until', 'check-date'].some(name => /^(?:no|false|0|off)$/i.test(options[name] ?? ''));
  return theirs.some(isUnchecked) ? 'spec' : 'kept';
}

function warning(outdated: readonly Outdated[], reason: string): string {
  const which = outdated.map(({ archive, says }) => `${archive} (${says})`).join(', ');
  return `old package lists are used, since ${reason}: ${which}`;
}
