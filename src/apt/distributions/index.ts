import { nearestName } from '../../formats/nearest/index.ts';
import { debian } from './debian.ts';
import type { Distribution, Pocket } from './distribution.ts';
import { ubuntu } from './ubuntu.ts';

export type { Distribution, Pocket } from './distribution.ts';

/** All distributions, the most likely first. */
export const DISTRIBUTIONS: readonly Distribution[] = [debian, ubuntu];

/** By the ID of its os-release. */
export function distributionById(id: string): Distribution | undefined {
  return DISTRIBUTIONS.find(distribution => distribution.id === id);
}

/** The distribution that has a suite of this name, with or without a pocket; undefined for a name nobody knows. */
export function distributionOfSuite(suite: string): Distribution | undefined {
  const { base } = splitSuite(suite);
  return DISTRIBUTIONS.find(distribution => suiteNames(distribution).includes(base));
}

/** The known suite that a misspelt name most likely means. */
export function suggestSuite(suite: string, distributions = DISTRIBUTIONS): string | undefined {
  const { base, pocket } = splitSuite(suite);
  const nearest = nearestName(base, distributions.flatMap(suiteNames));
  return nearest === undefined || pocket === undefined ? nearest : `${nearest}-${pocket}`;
}

/** Every suite name of a distribution, without pockets: releases from new to old, then the others. */
export function suiteNames(distribution: Distribution): string[] {
  const codenames = distribution.releases.map(release => release.codename).reverse();
  return [...codenames, ...distribution.aliases, ...distribution.rolling];
}

/** The pockets that a suite has. */
export function pocketsOf(distribution: Distribution, suite: string): readonly Pocket[] {
  return distribution.rolling.includes(suite) ? [] : ['updates', 'security'];
}

export interface SuiteParts {
  readonly base: string;
  /** Undefined for the suite itself; other pockets, such as `backports`, are named but not followed. */
  readonly pocket: string | undefined;
}

/** `trixie-security` is the pocket `security` of `trixie`; so is `NAME/updates`, as it was written up to Debian 10. */
export function splitSuite(suite: string): SuiteParts {
  const old = /^(.+)\/updates$/.exec(suite);
  if (old !== null) return { base: old[1] ?? '', pocket: 'security' };
  const match = /^([^-]+)-(.+)$/.exec(suite);
  return match === null ? { base: suite, pocket: undefined } : { base: match[1] ?? '', pocket: match[2] };
}
