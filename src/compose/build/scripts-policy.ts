import { AptLayerError } from '../../errors/index.ts';
import {
  type AssemblyPackage,
  analysePackage,
  asWithNetwork,
  type BuildContext,
  type Finding,
  judge,
  type Scripted,
} from '../../layer/index.ts';
import { lastingWarning, log, type WarningList, warn } from '../../report/index.ts';
import type { CanonicalJson, Spec, ValidationMode } from '../spec/index.ts';

/** How many refused findings a message lists. */
const LISTED_MAX = 20;

/**
 * Judges the maintainer scripts of packages as the spec says, before any of them runs: warnings are reported; where it is
 * strict they refuse the packages (DPKG_FAILED, all at once). Scripts that a mode of `skip` covers are not read.
 */
export function judgeScripts(
  context: BuildContext,
  spec: Spec,
  packages: readonly AssemblyPackage[],
  hasNetwork: (one: AssemblyPackage) => boolean = () => false,
): void {
  const { forbiddenActions } = spec.maintainerScripts;
  const refused: { name: string; finding: Finding }[] = [];
  const said: WarningList['all'][number][] = [];
  for (const one of packages) {
    const { name, architecture, image } = one;
    const mode = modeOf(spec, { name, architecture });
    if (mode === 'skip') continue;
    const { scripts } = analysePackage(image.control);
    for (const { findings } of scripts) {
      const known = hasNetwork(one) ? asWithNetwork(findings) : findings;
      const judged = judge(known, { mode, forbiddenActions });
      refused.push(...judged.refused.map(finding => ({ name, finding })));
      for (const group of grouped(judged.reported)) {
        const [finding] = group;
        const more = group.length - 1;
        const text = `${describeFinding(name, finding)}${more === 0 ? '' : ` (and in ${more} more places)`}`;
        if (finding.severity !== 'warning' && finding.severity !== 'fatal')
          log(context.host.report, 'debug', text);
        else said.push(lastingWarning(aboutScript(`${name}:${architecture}`, group), text));
      }
    }
  }
  warn(context.host.report, context.warnings, { all: said });
  if (refused.length === 0) return;
  const lines = refused.slice(0, LISTED_MAX).map(({ name, finding }) => describeFinding(name, finding));
  if (refused.length > LISTED_MAX) lines.push(`and ${refused.length - LISTED_MAX} more`);
  throw new AptLayerError('DPKG_FAILED', `maintainer scripts are refused (strict):\n${lines.join('\n')}`, {
    hint: '`apt-layer scripts PACKAGE` shows all of it; `apt-layer layer-scripts PACKAGE warn` takes it as it is',
    details: { refused: refused.map(({ name, finding }) => ({ package: name, ...finding })) },
  });
}

type Group = [Finding, ...Finding[]];

/** What a warning about a script is about: not its version, nor the lines, so that an upgrade says nothing that was known. */
function aboutScript(name: string, group: Group): unknown[] {
  const [{ script, category, reason }] = group;
  return ['script', name, script, category, reason, [...new Set(group.map(one => one.command))].sort()];
}

/** The findings of a script by what they say: some say the same of each device they know. */
function grouped(findings: readonly Finding[]): Group[] {
  const groups = new Map<string, Group>();
  for (const finding of findings) {
    const key = JSON.stringify([finding.severity, finding.category, finding.reason]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [finding]);
    else group.push(finding);
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
 * was done without it says nothing about one with it. `isMeant`: of which packages; default all.
 */
export function strictnessOf(
  spec: Spec,
  isMeant: (name: string) => boolean = () => true,
): CanonicalJson | undefined {
  const { validationMode, forbiddenActions } = spec.maintainerScripts;
  const own = spec.layerPolicies.flatMap(policy => {
    const mode = policy.validationMode;
    return mode === undefined || !isMeant(policy.package) ? [] : [`${policy.package} ${mode}`];
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
