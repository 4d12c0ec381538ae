import { fromBuffer, toText } from '../../formats/bytes/index.ts';
import { parseStanza, requiredValue } from '../../formats/deb822/index.ts';
import type { ControlMember } from '../package/index.ts';
import { analyseScript, type ScriptOptions, type ScriptReport } from './analyse.ts';
import { type Severity, worstSeverity } from './model.ts';

export interface PackageReport {
  readonly package: string;
  readonly version: string;
  readonly architecture: string;
  /** Those that run in the situation, in the order in which they do. */
  readonly scripts: readonly ScriptReport[];
  /** Of the worst finding; `safe` without scripts. */
  readonly severity: Severity;
  /** What it asks debconf: `config` chooses the questions, `templates` holds them. */
  readonly debconf: { readonly config: boolean; readonly templates: boolean };
}

const SCRIPTS: Readonly<Record<'install' | 'upgrade', readonly string[]>> = {
  install: ['config', 'preinst', 'postinst'],
  upgrade: ['prerm', 'config', 'preinst', 'postrm', 'postinst'],
};

/** Whether a package's own postinst runs for triggers: it declares an interest (deb-triggers(5)). */
const INTEREST = /^[ \t]*interest/m;

/**
 * Analyses the scripts among the control members of a package, as `readPackage` gives them. FormatError when its control file
 * is not valid; whatever the scripts hold becomes findings.
 */
export function analysePackage(
  members: ReadonlyMap<string, ControlMember>,
  options: Omit<ScriptOptions, 'isTriggered'> = {},
): PackageReport {
  const control = parseStanza(members.get('control')?.bytes ?? Buffer.alloc(0));
  const text = (field: string) => toText(requiredValue(control, field));
  const name = text('Package');
  const triggers = members.get('triggers')?.bytes ?? Buffer.alloc(0);
  const isTriggered = INTEREST.test(fromBuffer(triggers));
  const scripts = SCRIPTS[options.situation ?? 'install'].flatMap(script => {
    const bytes = members.get(script)?.bytes;
    if (bytes === undefined) return [];
    return [analyseScript({ name: script, bytes, package: name }, { ...options, isTriggered })];
  });
  return {
    package: name,
    version: text('Version'),
    architecture: text('Architecture'),
    scripts,
    severity: worstSeverity(scripts.flatMap(({ findings }) => findings)),
    debconf: { config: members.has('config'), templates: members.has('templates') },
  };
}
