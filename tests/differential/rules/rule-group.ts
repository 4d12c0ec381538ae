import type { DebDescription } from '../../support/deb.ts';

/** Packages that touch some rules of installing, and what shows that they did. */
export interface RuleGroup {
  readonly name: string;
  /** Packages of the base, which both ways find installed. */
  readonly base?: readonly DebDescription[];
  /** What a shell in the base does after that; `set -e` holds. */
  readonly prepare?: string;
  /** What the archive has besides. */
  readonly archive: readonly DebDescription[];
  /** What is installed, as apt-get and `layers:` name it. */
  readonly packages: readonly string[];
  /** Commands of a shell in the result that fail when the rule was not at work; for both results. */
  readonly proofs: readonly string[];
}

/** Where scripts of these packages leave marks. */
export const MARKS = '/var/lib/rule-marks';

/** A script that leaves a mark, named after the package and a word. */
export function mark(word: string): string {
  return `mkdir -p ${MARKS}; touch ${MARKS}/$DPKG_MAINTSCRIPT_PACKAGE.${word}`;
}

/** A path of a mark that `mark` leaves. */
export function marked(package_: string, word: string): string {
  return `test -e ${MARKS}/${package_}.${word}`;
}

/** Text of exactly so many bytes, that differ with the seed. */
export function textOf(bytes: number, seed = 'x'): string {
  return `${seed} `.repeat(Math.ceil(bytes / (seed.length + 1))).slice(0, bytes);
}
