import { AptLayerError } from '../../errors/index.ts';
import {
  type AssemblyPackage,
  analysePackage,
  type BuildContext,
  type Finding,
  judge,
  type Scripted,
} from '../../layer/index.ts';
import { log } from '../../report/index.ts';
import type { CanonicalJson, Spec, ValidationMode } from '../spec/index.ts';

/** How many refused findings a message lists. */
const LISTED_MAX = 20;

/**
 * Judges the maintainer scripts of packages as the spec says, before any of them runs: warnings are reported; where it is
 * strict they refuse the packages (DPKG_FAILED, all at once). Scripts that a mode of `skip` covers are not read.
 */
export function judgeScripts(context: BuildContext, spec: Spec, packages: readonly AssemblyPackage[]): void {
  const { forbiddenActions } = spec.maintainerScripts;
  const refused: { name: string; finding: Finding }[] = [];
  for (const { name, architecture, image } of packages) {
    const mode = modeOf(spec, { name, architecture });
    if (mode === 'skip') continue;
    const { scripts } = analysePackage(image.control);
    for (const { findings } of scripts) {
      const judged = judge(findings, { mode, forbiddenActions });
      refused.push(...judged.refused.map(finding => ({ name, finding })));
      for (const { finding, more } of grouped(judged.reported)) {
        const level = finding.severity === 'warning' || finding.severity === 'fatal' ? 'warning' : 'debug';
        const others = more === 0 ? '' : ` (and in ${more} more places)`;
        log(context.host.report, level, `${describeFinding(name, finding)}${others}`);
      }
    }
  }
  if (refused.length === 0) return;
  const lines = refused.slice(0, LISTED_MAX).map(({ name, finding }) => describeFinding(name, finding));
  if (refused.length > LISTED_MAX) lines.push(`and ${refused.length - LISTED_MAX} more`);
  throw new AptLayerError('DPKG_FAILED', `maintainer scripts are refused (strict):\n${lines.join('\n')}`, {
    hint: '`apt-layer scripts PACKAGE` shows all of it; `apt-layer layer-scripts PACKAGE warn` takes it as it is',
    details: { refused: refused.map(({ name, finding }) => ({ package: name, ...finding })) },
  });
}

/** One finding of a script for each thing to say, and in how many more places it is said: some say the same of each device they know. */
function grouped(findings: readonly Finding[]): { finding: Finding; more: number }[] {
  const groups = new Map<string, { finding: Finding; more: number }>();
  for (const finding of findings) {
    const key = JSON.stringify([finding.severity, finding.category, finding.reason]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { finding, more: 0 });
    else group.more += 1;
  }
  return [...groups.values()];
}

/** How a package's scripts are looked at; of none, what holds for all. */
export function modeOf(spec: Spec, one: Scripted | undefined): ValidationMode {
  const own = spec.layerPolicies.find(
    policy => policy.package === one?.name || policy.package === `${one?.name}:${one?.architecture}`,
  );
  return own?.validationMode ?? spec.maintainerScripts.validationMode;
}

/**
 * What of a spec may refuse a build that would otherwise give the same image; undefined when nothing does. A build that
 * was done without it says nothing about one with it.
 */
export function strictnessOf(spec: Spec): CanonicalJson | undefined {
  const { validationMode, forbiddenActions } = spec.maintainerScripts;
  const own = spec.layerPolicies.flatMap(policy => {
    const mode = policy.validationMode;
    return mode === undefined ? [] : [`${policy.package} ${mode}`];
  });
  const isStrict = validationMode === 'strict' || own.some(one => one.endsWith(' strict'));
  return isStrict
    ? { all: validationMode, own: own.sort(), forbidden: [...forbiddenActions].sort() }
    : undefined;
}

/** `NAME postinst:12: systemctl restart x: reason`. */
export function describeFinding(name: string, finding: Finding): string {
  const { script, line, command, reason } = finding;
  return `${name} ${script}:${line}: ${command}: ${reason}`;
}
