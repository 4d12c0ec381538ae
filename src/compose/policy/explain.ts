import { selectDeployment } from '../../deployment/index.ts';
import type { Sysroot } from '../../transaction/index.ts';
import { explain } from '../../vulnerabilities/index.ts';
import { packageSpecOf } from '../public/index.ts';
import {
  type AssessedSystem,
  assessFromCache,
  statementsIn,
  systemOfDeployment,
} from '../vulnerabilities/index.ts';
import { needsKnowledge, type PolicyKnowledge, policyFindings } from './findings.ts';
import { maxAgeMs, oldestMs } from './knowledge.ts';

/**
 * What the rules of the spec of a deployment say of one of its packages, a line each: what they refuse, and what an exception lets through. By
 * the data about vulnerabilities at hand; of archives only the origin counts, as no deployment records suites.
 */
export function explainPolicy(
  at: Sysroot,
  asked: { readonly name: string; readonly deployment: string },
): string[] {
  const deployment = selectDeployment(at, asked.deployment);
  const { policy, vex } = packageSpecOf(at, deployment.id).security;
  if (policy === undefined) return [];
  const system = systemOfDeployment(at, deployment);
  const packages = system.packages
    .filter(one => one.name === asked.name)
    .map(({ name, architecture, packageVersion: version, vendor }) => ({
      ...{ name, architecture, version },
      archives: [vendor === '' ? 'unknown/unknown' : `${vendor}/`],
    }));
  const known = needsKnowledge(policy) ? knowledgeAtHand(at, system, { policy, vex }) : undefined;
  const { refusals, excepted } = policyFindings(policy, packages, known, at.host.clock());
  const isAbout = (names: readonly string[]) => names.length === 0 || names.includes(asked.name);
  return [
    ...refusals
      .filter(one => isAbout(one.packages))
      .map(({ rule, message }) => `\`${rule}\` refuses it: ${message}`),
    ...excepted
      .filter(({ finding }) => isAbout(finding.packages.map(one => one.name)))
      .map(
        ({ finding, exception }) =>
          `${finding.id} (${finding.severity}) is let through until ${exception.until}: ${exception.reason}`,
      ),
  ];
}

function knowledgeAtHand(
  at: Sysroot,
  system: AssessedSystem,
  { policy, vex }: Parameters<typeof maxAgeMs>[1] & { readonly vex: readonly string[] },
): PolicyKnowledge {
  const assessed = assessFromCache(at, system);
  if (assessed === undefined)
    return {
      missing: 'there is no data about vulnerabilities at hand',
      hint: '`sudo apt-layer cve` fetches it',
    };
  const statements = statementsIn(at.host, vex);
  const { standing } = explain(assessed.findings, { statements, distribution: system.distribution.id });
  return { findings: standing, ageMs: oldestMs(assessed), maxAgeMs: maxAgeMs(at.host, { policy }) };
}
