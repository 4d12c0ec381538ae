import { rangeAround } from '../affected.ts';
import type { KnownVulnerabilities, Wanted } from '../known.ts';
import type { Decision, Severity, Vulnerability } from '../model.ts';
import { type Distribution, ingredientsOf, releaseNames, type SystemPackage } from './system.ts';

/**
 * `fixed`: the archive has a version without it. `open`: it has none, and nobody has decided anything. `undetermined`: nobody has looked
 * yet at whether the release has it. The others are what the distribution decided.
 */
export type FindingState = 'fixed' | 'open' | 'undetermined' | Decision;

/** A package that has a vulnerability. */
export interface AffectedPackage {
  readonly name: string;
  readonly architecture: string;
  readonly version: string;
  readonly isInBase: boolean;
}

/** A vulnerability that a system has, by one version of one source package. */
export interface Finding {
  readonly id: string;
  readonly source: string;
  /** Of the source package. */
  readonly installed: string;
  /** The first version of the source package without it; null when there is none. */
  readonly fixed: string | null;
  readonly state: FindingState;
  readonly severity: Severity;
  /** The source is built into the packages: they have to be built again, an update of the source is not enough. */
  readonly isBuiltIn: boolean;
  readonly advisories: readonly string[];
  /** Why it was decided so. */
  readonly note: string | null;
  readonly summary: string | null;
  readonly packages: readonly AffectedPackage[];
}

/** A package of which the data says nothing, since it is not the distribution's. */
export interface UncoveredPackage {
  readonly name: string;
  readonly architecture: string;
  readonly version: string;
  /** Whose it is; empty where that is not known. */
  readonly vendor: string;
}

export interface Assessment {
  readonly findings: readonly Finding[];
  readonly uncovered: readonly UncoveredPackage[];
  /** Packages that the data is about. */
  readonly covered: number;
}

/** What to ask of data for a system. */
export function wantedOf(distribution: Distribution, packages: readonly SystemPackage[]): Wanted {
  const covered = packages.filter(one => isCovered(distribution, one));
  const sources = new Map<string, string[]>();
  for (const { source, version } of covered.flatMap(ingredientsOf)) {
    const versions = sources.get(source) ?? [];
    if (!versions.includes(version)) sources.set(source, [...versions, version]);
  }
  return { releases: [releaseNames(distribution)], sources };
}

/** The vulnerabilities that the packages of a system have, by what data says; worst first, then by name. */
export function assess(
  distribution: Distribution,
  packages: readonly SystemPackage[],
  known: KnownVulnerabilities,
): Assessment {
  const [release = ''] = releaseNames(distribution);
  const data = known.releases.get(release);
  const findings = new Map<string, Finding & { packages: AffectedPackage[] }>();
  const uncovered: UncoveredPackage[] = [];
  for (const one of packages) {
    const { name, architecture, packageVersion: version, isInBase, vendor } = one;
    if (!isCovered(distribution, one)) {
      uncovered.push({ name, architecture, version, vendor });
      continue;
    }
    for (const ingredient of ingredientsOf(one))
      for (const vulnerability of data?.get(ingredient.source) ?? []) {
        const { version: installed, isBuiltIn } = ingredient;
        const key = [vulnerability.id, ingredient.source, installed, isBuiltIn].join(' ');
        const found = findings.get(key) ?? findingOf(vulnerability, { installed, isBuiltIn });
        if (found === undefined) continue;
        findings.set(key, found);
        if (!found.packages.some(other => other.name === name && other.architecture === architecture))
          found.packages.push({ name, architecture, version, isInBase });
      }
  }
  return {
    findings: [...findings.values()],
    uncovered,
    covered: packages.length - uncovered.length,
  };
}

/** What is one finding in two systems: a newer version that still has the vulnerability is no change. */
export function findingKey({ id, source, isBuiltIn }: Finding): string {
  return `${id} ${source} ${isBuiltIn}`;
}

/** What closes with an upgrade of the packages themselves. */
export function isFixable({ state, isBuiltIn }: Finding): boolean {
  return state === 'fixed' && !isBuiltIn;
}

/** Whether the distribution's data is about a package: nobody else's may have the name of one of its own. */
function isCovered({ id }: Distribution, { vendor }: SystemPackage): boolean {
  return vendor.toLowerCase() === id;
}

function findingOf(
  one: Vulnerability,
  { installed, isBuiltIn }: Pick<Finding, 'installed' | 'isBuiltIn'>,
): (Finding & { packages: AffectedPackage[] }) | undefined {
  const { id, source, severity, advisories = [], note = null, summary = null } = one;
  const range = rangeAround(one, installed);
  if (range === undefined && one.undetermined !== true) return undefined;
  const fixed = range?.fixed ?? null;
  const facts = { id, source, installed, fixed, severity, isBuiltIn, advisories, note, summary };
  return { ...facts, state: stateOf(one, fixed), packages: [] };
}

function stateOf(one: Vulnerability, fixed: string | null): FindingState {
  if (one.undetermined === true) return 'undetermined';
  if (one.inArchive === true && fixed !== null) return 'fixed';
  return one.decision ?? 'open';
}
