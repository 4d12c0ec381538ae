import type { ForcedPolicy } from '../../deployment/index.ts';
import { AptLayerError } from '../../errors/index.ts';
import type { BuildContext } from '../../layer/index.ts';
import { log } from '../../report/index.ts';
import type { BuildPlan } from '../build/index.ts';
import { placeInSpec, type SecurityPolicy, type SpecText } from '../spec/index.ts';
import { isExpiring, needsKnowledge, type PolicyRefusal, policyFindings } from './findings.ts';
import { knowledgeOf } from './knowledge.ts';
import { judgedSystem } from './system.ts';
import { whoRuns } from './who.ts';

export interface PolicyOptions {
  /** The files of the spec, to say which line refuses something. */
  readonly texts: readonly SpecText[];
  /** Why it is done all the same; undefined where rules hold. */
  readonly force: string | undefined;
  readonly offline: boolean;
}

/** More are only counted; `details` has all. */
const SHOWN_MAX = 20;

/**
 * Holds the system of a plan against the rules of its spec: before it is built by what is known of its packages, and with `image` by what was built. POLICY
 * where they refuse it and nobody forces it; otherwise what was forced, if anything was.
 */
export async function enforcePolicy(
  context: BuildContext,
  plan: BuildPlan,
  options: PolicyOptions,
  image?: string,
): Promise<ForcedPolicy | undefined> {
  const { policy, vex } = plan.spec.security;
  if (policy === undefined) return undefined;
  const { host } = context;
  const now = host.clock();
  const system = await judgedSystem(context, plan, image);
  // Whatever could be fetched was fetched the first time.
  const offline = options.offline || image !== undefined;
  const known = needsKnowledge(policy)
    ? await knowledgeOf(context, system, { policy, vex, offline })
    : undefined;
  const { refusals } = policyFindings(policy, system.packages, known, now);
  if (image === undefined) sayBefore(context, policy, { unknown: system.unknown, options, now });
  if (refusals.length === 0) return undefined;
  const lines = refusals.map(one => lineOf(one, options.texts));
  if (options.force === undefined) throw refused(refusals, lines, options.texts);
  if (image === undefined)
    for (const line of lines.slice(0, SHOWN_MAX)) log(host.report, 'warning', `forced against ${line}`);
  return forcedBy(context, options.force, refusals);
}

/** What is said once, whether something is refused or not. */
function sayBefore(
  { host }: BuildContext,
  policy: SecurityPolicy,
  about: { readonly unknown: number; readonly options: PolicyOptions; readonly now: Date },
): void {
  const { unknown, options, now } = about;
  for (const one of policy.vulnerabilities?.except ?? [])
    if (isExpiring(one, now)) {
      const place = placeInSpec(options.texts, 'security.vulnerabilities.except', one.cve);
      const text = `${place}: the exception for ${one.cve} ends with ${one.until}; from then on it is refused`;
      log(host.report, 'warning', text);
    }
  if (unknown > 0 && needsKnowledge(policy))
    log(
      host.report,
      'info',
      `${unknown} packages are held against the rules for vulnerabilities once they are there`,
    );
}

function lineOf({ rule, entry, message }: PolicyRefusal, texts: readonly SpecText[]): string {
  return `${placeInSpec(texts, rule, entry)}: ${rule}: ${message}`;
}

function refused(
  refusals: readonly PolicyRefusal[],
  lines: readonly string[],
  texts: readonly SpecText[],
): AptLayerError {
  const shown = refusals
    .slice(0, SHOWN_MAX)
    .flatMap(({ allow }, index) => [
      `  ${lines[index] ?? ''}`,
      ...(allow === '' ? [] : [`    to allow it: ${allow}`]),
    ]);
  const more = refusals.length - SHOWN_MAX;
  const all = [...shown, ...(more > 0 ? [`  and ${more} more`] : [])];
  return new AptLayerError('POLICY', `rules of the spec refuse this system:\n${all.join('\n')}`, {
    hint: 'nothing was deployed; `--force-policy REASON` does it all the same, and is recorded with your name',
    details: {
      refusals: refusals.map(one => ({ ...one, place: placeInSpec(texts, one.rule, one.entry) })),
    },
  });
}

function forcedBy({ host }: BuildContext, reason: string, refusals: readonly PolicyRefusal[]): ForcedPolicy {
  const { uid, name } = whoRuns(host);
  return { reason, uid, user: name, refused: refusals.map(({ rule, subject }) => `${rule}: ${subject}`) };
}
