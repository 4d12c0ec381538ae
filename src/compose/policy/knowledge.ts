import { readVulnerabilitySettings, timeOf } from '../../configuration/index.ts';
import { AptLayerError } from '../../errors/index.ts';
import type { Host } from '../../host/index.ts';
import { log } from '../../report/index.ts';
import type { Sysroot } from '../../transaction/index.ts';
import { explain } from '../../vulnerabilities/index.ts';
import type { SecurityPolicy } from '../spec/index.ts';
import { type Assessed, assessSystems, statementsIn } from '../vulnerabilities/index.ts';
import type { PolicyKnowledge } from './findings.ts';
import type { JudgedSystem } from './system.ts';

const HINT =
  '`sudo apt-layer cve --refresh` fetches data, and `vulnerability-data` in apt-layer.conf can name a file of it';

/** What is known of the vulnerabilities of a system, without those that OpenVEX of its spec explains. Data that is not recent is brought up to date. */
export async function knowledgeOf(
  at: Sysroot,
  { distribution, assessed: packages }: Pick<JudgedSystem, 'distribution' | 'assessed'>,
  of: { readonly policy: SecurityPolicy; readonly vex: readonly string[]; readonly offline: boolean },
): Promise<PolicyKnowledge> {
  if (distribution === undefined)
    return {
      missing: 'its os-release does not say of which distribution it is',
      hint: 'its /usr/lib/os-release has to have an ID, and VERSION_CODENAME or VERSION_ID',
    };
  const { offline } = of;
  try {
    const systems = [{ distribution, packages }];
    const [found] = await assessSystems(at, systems, { files: [], refresh: false, offline });
    if (found === undefined) return { missing: 'there is no data', hint: HINT };
    const statements = statementsIn(at.host, of.vex);
    const { standing } = explain(found.findings, { statements, distribution: distribution.id });
    if (found.uncovered.length > 0)
      log(at.host.report, 'debug', `no data is about ${found.uncovered.length} packages of others`);
    return { findings: standing, ageMs: oldestMs(found), maxAgeMs: maxAgeMs(at.host, of) };
  } catch (error) {
    if (!(error instanceof AptLayerError) || error.code === 'INTERRUPTED') throw error;
    return { missing: error.message, hint: HINT };
  }
}

/** How old the data is, by its oldest copy. A list of advisories alone does not say what is open, so its age is no matter. */
export function oldestMs({ data }: Pick<Assessed, 'data'>): number {
  const ages = data
    .filter(one => one.kind !== 'advisories' && one.releases.length > 0)
    .map(one => one.ageSeconds * 1000);
  return Math.max(...ages);
}

/** How old it may be: the spec says it, or the machine. */
export function maxAgeMs(host: Pick<Host, 'sys'>, { policy }: { readonly policy: SecurityPolicy }): number {
  const said = policy.vulnerabilities?.maxAge;
  return (said === undefined ? undefined : timeOf(said)) ?? readVulnerabilitySettings(host).maxAgeMs;
}
