import { ERROR_CODES } from '../errors/index.ts';
import type { CommandImplementation } from './definition.ts';
import { type CheckResult, checkHost } from './host-checks.ts';
import { formatCount, padEnd } from './text/index.ts';

export interface ValidateResult {
  readonly ok: boolean;
  readonly checks: readonly CheckResult[];
}

const NAME_WIDTH = 22;

export const command: CommandImplementation<ValidateResult> = {
  async run(app) {
    const checks = await checkHost(app.host);
    return { ok: checks.every(check => check.ok || !check.required), checks };
  },

  render({ ok, checks }, style) {
    const lines = checks.map(check => {
      const mark = check.ok
        ? style.green('ok      ')
        : check.required
          ? style.red('missing ')
          : style.yellow('optional');
      const fix = check.ok || check.fix === undefined ? '' : `\n  ${style.dim(`→ ${check.fix}`)}`;
      return `${mark}  ${padEnd(check.name, NAME_WIDTH)}  ${check.found}${fix}`;
    });
    const lacking = checks.filter(check => !check.ok && check.required).length;
    lines.push(
      '',
      ok
        ? `This host can do the work${lackingText(checks)}.`
        : `${formatCount(lacking, 'thing is', 'things are')} missing.`,
    );
    return lines.join('\n');
  },

  exitCode: ({ ok }) => (ok ? 0 : ERROR_CODES.HOST_UNSUPPORTED.exit),
};

/** What it cannot do, by verbs. */
function lackingText(checks: readonly CheckResult[]): string {
  const verbs = [...new Set(checks.flatMap(check => (check.ok ? [] : (check.verbs ?? []))))];
  return verbs.length === 0 ? '' : `, but not yet ${verbs.map(verb => `\`${verb}\``).join(', ')}`;
}
