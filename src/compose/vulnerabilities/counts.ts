import { type Deployment, isDenied } from '../../deployment/index.ts';
import { AptLayerError, errnoOf } from '../../errors/index.ts';
import { isDirectory } from '../../fs/index.ts';
import { log } from '../../report/index.ts';
import type { Sysroot } from '../../transaction/index.ts';
import { type Finding, findingKey, isFixable } from '../../vulnerabilities/index.ts';
import { type Assessed, assessFromCache } from './known.ts';
import { type AssessedSystem, systemOfDeployment } from './system.ts';

/** How many vulnerabilities are known, by the data at hand. */
export interface VulnerabilityCounts {
  /** An upgrade of the packages closes them. */
  readonly fixable: number;
  /** Of those, high and critical ones. */
  readonly severe: number;
  readonly unfixed: number;
  /** Of the oldest copy. */
  readonly dataAgeSeconds: number;
}

/** Of a deployment; undefined where there is no data at hand, or something of it cannot be read: nobody asked for it. */
export function vulnerabilityCounts(at: Sysroot, deployment: Deployment): VulnerabilityCounts | undefined {
  const assessed = withData(at, () => assessFromCache(at, systemOfDeployment(at, deployment)));
  return assessed === undefined ? undefined : counted(assessed.findings, assessed);
}

/** What going from one system to another does to the known vulnerabilities. */
export interface VulnerabilityChange {
  readonly closes: readonly string[];
  readonly opens: readonly string[];
  readonly after: VulnerabilityCounts;
}

/** The same as `vulnerabilityCounts` for a change; names of vulnerabilities once each, sorted. */
export function vulnerabilityChange(
  at: Sysroot,
  systems: () => { readonly before: AssessedSystem; readonly after: AssessedSystem },
): VulnerabilityChange | undefined {
  return withData(at, () => {
    const { before, after } = systems();
    const [from, to] = [assessFromCache(at, before), assessFromCache(at, after)];
    if (from === undefined || to === undefined) return undefined;
    return {
      closes: missingIn(to, from.findings),
      opens: missingIn(from, to.findings),
      after: counted(to.findings, to),
    };
  });
}

function missingIn({ findings }: Assessed, others: readonly Finding[]): string[] {
  const known = new Set(findings.map(findingKey));
  return [...new Set(others.filter(one => !known.has(findingKey(one))).map(({ id }) => id))].sort();
}

function counted(findings: readonly Finding[], { data }: Assessed): VulnerabilityCounts {
  const fixable = findings.filter(isFixable);
  return {
    fixable: fixable.length,
    severe: fixable.filter(({ severity }) => severity === 'high' || severity === 'critical').length,
    unfixed: findings.length - fixable.length,
    dataAgeSeconds: Math.round(Math.max(...data.map(one => one.ageSeconds))),
  };
}

function withData<T>({ host, sysroot }: Sysroot, action: () => T | undefined): T | undefined {
  if (!isDirectory(host.sys, `${sysroot}/cache/vulnerabilities`)) return undefined;
  try {
    return action();
  } catch (error) {
    if (!(error instanceof AptLayerError) && errnoOf(error) === undefined) throw error;
    if (!isDenied(error))
      log(host.report, 'debug', `known vulnerabilities are not counted: ${(error as Error).message}`);
    return undefined;
  }
}
