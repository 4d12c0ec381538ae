/** How bad it is, as the distribution says; from the least to the worst. */
export const SEVERITIES = ['unimportant', 'unassigned', 'low', 'medium', 'high', 'critical'] as const;

export type Severity = (typeof SEVERITIES)[number];

/** What the distribution decided about something that it has not fixed. */
export const DECISIONS = ['no-dsa', 'postponed', 'ignored', 'end-of-life'] as const;

export type Decision = (typeof DECISIONS)[number];

/** Versions of a source package: those from `introduced` on that are older than `fixed`, or not newer than `last`. */
export interface AffectedRange {
  readonly introduced?: string;
  readonly fixed?: string;
  readonly last?: string;
}

/** One vulnerability of one source package in one release of a distribution. What is not there is not known. */
export interface Vulnerability {
  /** `CVE-2024-1234`, or the name that the distribution gave it until it has one. */
  readonly id: string;
  readonly source: string;
  /** Which versions have it; none where that is not known yet. */
  readonly affected: readonly AffectedRange[];
  /** Nobody has looked yet at whether the release has it. */
  readonly undetermined?: true;
  /** The archive of the release has a version without it. */
  readonly inArchive?: true;
  readonly severity: Severity;
  readonly decision?: Decision;
  /** Why it was decided so, in the distribution's words. */
  readonly note?: string;
  /** The first sentences of its description. */
  readonly summary?: string;
  /** Names of advisories that announce its fix. */
  readonly advisories?: readonly string[];
}

/** An advisory: the vulnerabilities of a source package in a release that one update fixes. */
export interface Advisory {
  /** `DSA-5703-1`. */
  readonly name: string;
  readonly source: string;
  readonly ids: readonly string[];
}

/** What a kind of data says of releases. Advisories alone say nothing of what is not fixed. */
export type DataKind = 'tracker' | 'osv' | 'advisories';

/** What is said of one release, as it is read. */
export type ReleaseEntry =
  | { readonly release: string; readonly vulnerability: Vulnerability }
  | { readonly release: string; readonly advisory: Advisory };

/** A release by its key: the ID of its os-release, a dash, and its codename or version: `debian-trixie`, `ubuntu-24.04`. */
export function releaseKey(distribution: string, release: string): string {
  return `${distribution}-${release}`;
}
