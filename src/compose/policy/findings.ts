import { namePattern } from '../../formats/name-pattern/index.ts';
import { type Finding, isFixable, SEVERITIES } from '../../vulnerabilities/index.ts';
import type { PolicyException, SecurityPolicy } from '../spec/index.ts';

/** A package of a system, with where it is from. */
export interface PolicyPackage {
  readonly name: string;
  readonly architecture: string;
  readonly version: string;
  /** The archives that it may be of, ORIGIN/SUITE; `ORIGIN/` where the suite is not known. */
  readonly archives: readonly string[];
}

/** What is known of the vulnerabilities of a system, or why nothing is. */
export type PolicyKnowledge =
  | { readonly findings: readonly Finding[]; readonly ageMs: number; readonly maxAgeMs: number }
  | { readonly missing: string; readonly hint: string };

/** What a rule refuses. */
export interface PolicyRefusal {
  /** Key of the spec, with dots. */
  readonly rule: string;
  /** The entry of the list at `rule` that refuses it; absent where it is the rule as a whole. */
  readonly entry?: string;
  /** A vulnerability, or a package. */
  readonly subject: string;
  readonly packages: readonly string[];
  readonly message: string;
  /** How to have it all the same. */
  readonly allow: string;
}

export interface PolicyFindings {
  readonly refusals: readonly PolicyRefusal[];
  /** What would be refused but for an exception that holds. */
  readonly excepted: readonly { readonly finding: Finding; readonly exception: PolicyException }[];
  /** Those of them that soon hold no longer. */
  readonly expiring: readonly PolicyException[];
}

const DAY_MS = 86_400_000;
/** An exception that holds no longer than this is spoken of. */
const NOTICE_MS = 14 * DAY_MS;
const NAMED_MAX = 8;

const REFUSE = 'security.vulnerabilities.refuse';
const EXCEPT = 'security.vulnerabilities.except';

/** Holds the packages of a system, and what is known of its vulnerabilities, against the rules of a spec. Without data nothing passes a rule that needs it. */
export function policyFindings(
  policy: SecurityPolicy,
  packages: readonly PolicyPackage[],
  known: PolicyKnowledge | undefined,
  now: Date,
): PolicyFindings {
  const vulnerable = vulnerabilityFindings(policy, known, now);
  const { excepted } = vulnerable;
  return {
    refusals: [
      ...deniedPackages(policy, packages),
      ...otherArchives(policy, packages),
      ...vulnerable.refusals,
    ],
    excepted,
    expiring: [...new Set(excepted.map(one => one.exception))].filter(one => isExpiring(one, now)),
  };
}

/** Whether a rule needs data about vulnerabilities. */
export function needsKnowledge({ vulnerabilities }: SecurityPolicy): boolean {
  return (vulnerabilities?.refuse.length ?? 0) > 0;
}

/** Whether an exception holds no longer: its last day is over, in UTC. */
export function isExpired({ until }: PolicyException, now: Date): boolean {
  return endOf(until) <= now.getTime();
}

/** Whether it still holds, but not for long. */
export function isExpiring(one: PolicyException, now: Date): boolean {
  return !isExpired(one, now) && endOf(one.until) - now.getTime() <= NOTICE_MS;
}

function endOf(day: string): number {
  return Date.parse(`${day}T00:00:00Z`) + DAY_MS;
}

function vulnerabilityFindings(
  policy: SecurityPolicy,
  known: PolicyKnowledge | undefined,
  now: Date,
): Pick<PolicyFindings, 'refusals' | 'excepted'> {
  const rules = policy.vulnerabilities;
  if (rules === undefined || !needsKnowledge(policy)) return { refusals: [], excepted: [] };
  const unknown = withoutKnowledge(known);
  if (unknown !== undefined) return { refusals: [unknown], excepted: [] };
  const { findings } = known as Extract<PolicyKnowledge, { findings: unknown }>;
  const least = Math.min(...rules.refuse.map(one => SEVERITIES.indexOf(one)));
  const exceptions = new Map(rules.except.map(one => [one.cve, one]));
  const refusals: PolicyRefusal[] = [];
  const excepted: { finding: Finding; exception: PolicyException }[] = [];
  for (const finding of findings) {
    if (SEVERITIES.indexOf(finding.severity) < least) continue;
    if (rules.unfixed === 'allow' && !isFixable(finding)) continue;
    const exception = exceptions.get(finding.id);
    if (exception !== undefined && !isExpired(exception, now)) excepted.push({ finding, exception });
    else refusals.push(vulnerabilityRefusal(finding, exception));
  }
  return { refusals, excepted };
}

function withoutKnowledge(known: PolicyKnowledge | undefined): PolicyRefusal | undefined {
  const refusal = { rule: REFUSE, subject: 'data about vulnerabilities', packages: [] };
  if (known === undefined || 'missing' in known) {
    const { missing = 'nothing is known of its vulnerabilities', hint = '' } = known ?? {};
    return { ...refusal, message: `what is not known cannot be allowed: ${missing}`, allow: hint };
  }
  if (known.ageMs <= known.maxAgeMs) return undefined;
  const days = (ms: number) => `${Math.floor(ms / DAY_MS)} days`;
  const hours = (ms: number) => (ms < 2 * DAY_MS ? `${Math.floor(ms / 3_600_000)} hours` : days(ms));
  return {
    ...refusal,
    message: `the data about vulnerabilities is ${hours(known.ageMs)} old, and may be ${hours(known.maxAgeMs)} old at most`,
    allow: '`sudo apt-layer cve --refresh` fetches newer data',
  };
}

function vulnerabilityRefusal(finding: Finding, expired: PolicyException | undefined): PolicyRefusal {
  const { id, severity, source, installed, fixed, isBuiltIn } = finding;
  const names = [...new Set(finding.packages.map(one => one.name))];
  const fix = isFixable(finding)
    ? `fixed in ${fixed}`
    : isBuiltIn
      ? 'built into them'
      : 'without a fix in the archive';
  const over = expired === undefined ? '' : `; its exception ended on ${expired.until}`;
  const newer = isFixable(finding)
    ? `take ${source} ${fixed} (\`apt-layer upgrade\`, or a new lock by \`apt-layer compose lock\`), or `
    : '';
  return {
    ...(expired === undefined ? { rule: REFUSE } : { rule: EXCEPT, entry: id }),
    subject: id,
    packages: names,
    message: `${id} (${severity}) in ${source} ${installed}, ${fix}: ${listed(names)}${over}`,
    allow:
      expired === undefined
        ? `${newer}add {cve: ${id}, reason: WHY, until: YYYY-MM-DD} to \`${EXCEPT}\``
        : `${newer}give its exception a later day`,
  };
}

function deniedPackages(
  { denied = [] }: SecurityPolicy,
  packages: readonly PolicyPackage[],
): PolicyRefusal[] {
  return packages.flatMap(({ name, version }) => {
    const pattern = denied.find(one => namePattern([one])(name));
    if (pattern === undefined) return [];
    return {
      ...{ rule: 'security.packages.deny', entry: pattern, subject: name, packages: [name] },
      message: `${name} ${version} is denied${pattern === name ? '' : ` by ${pattern}`}`,
      allow: `take ${name} out of the system (\`apt-layer compose explain\` says why a package is there), or ${pattern} out of the rule`,
    };
  });
}

/** One for each archive: there may be many packages of it. */
function otherArchives({ archives }: SecurityPolicy, packages: readonly PolicyPackage[]): PolicyRefusal[] {
  if (archives === undefined) return [];
  const isAllowed = (archive: string) =>
    // Of a package whose suite nobody knows, only the origin can be right or wrong.
    archives.some(one => namePattern([archive.endsWith('/') ? one.replace(/\/.*/, '/') : one])(archive));
  const byArchive = new Map<string, PolicyPackage[]>();
  for (const one of packages) {
    if (one.archives.some(isAllowed)) continue;
    const archive = one.archives.join(' or ');
    byArchive.set(archive, [...(byArchive.get(archive) ?? []), one]);
  }
  return [...byArchive].map(([archive, of]) => {
    const names = [...new Set(of.map(one => one.name))];
    const [first = ''] = of[0]?.archives ?? [];
    return {
      ...{ rule: 'security.archives.allow', subject: names[0] ?? '', packages: names },
      message: `${archive.replace(/\/$/, ' (suite unknown)')} is not allowed: ${listed(names)}`,
      allow: `add ${first.replace(/\/$/, '/*')} to the rule, or take what needs these packages out of the system`,
    };
  });
}

function listed(names: readonly string[]): string {
  const more = names.length - NAMED_MAX;
  return `${names.slice(0, NAMED_MAX).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
