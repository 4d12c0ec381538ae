import { compareVersions } from '../formats/debversion/index.ts';
import type { AffectedRange, Vulnerability } from './model.ts';

/** The span of versions that a version of the source package is in; undefined when it does not have the vulnerability. */
export function rangeAround(one: Vulnerability, version: string): AffectedRange | undefined {
  return one.affected.find(
    ({ introduced, fixed, last }) =>
      (introduced === undefined || compareVersions(version, introduced) >= 0) &&
      (fixed === undefined || compareVersions(version, fixed) < 0) &&
      (last === undefined || compareVersions(version, last) <= 0),
  );
}

/**
 * What of a vulnerability is worth keeping for these versions: all of it where one of them has it, or may have it; else only that it is
 * known, so that what other data says of it does not count.
 */
export function forVersions(one: Vulnerability, versions: readonly string[]): Vulnerability {
  if (one.undetermined === true || versions.some(version => rangeAround(one, version) !== undefined))
    return one;
  return { id: one.id, source: one.source, severity: one.severity, affected: [] };
}
