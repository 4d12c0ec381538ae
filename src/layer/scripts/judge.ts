import { NO_NETWORK } from './command-rules.ts';
import type { Finding } from './model.ts';
import { isBelow } from './path-rules.ts';

/** What findings lead to: refusal, a report, nothing. */
export type ValidationMode = 'strict' | 'warn' | 'skip';

export interface Policy {
  readonly mode: ValidationMode;
  /**
   * Names of commands (`systemctl`), categories (`debconf`) or absolute paths (`/proc`: it and all below it) that no script may
   * use where it runs.
   */
  readonly forbiddenActions: readonly string[];
}

export interface Judgement {
  /** Why the package is not to be installed; only in `strict`. */
  readonly refused: readonly Finding[];
  /** What the user should see; nothing that is `safe`. */
  readonly reported: readonly Finding[];
}

/**
 * Applies a policy. `strict` refuses forbidden actions (as `fatal`), warnings and what is fatal; `warn` reports all of it and
 * refuses nothing (forbidden actions are at least warnings); `skip` does neither.
 */
export function judge(findings: readonly Finding[], { mode, forbiddenActions }: Policy): Judgement {
  const refused: Finding[] = [];
  const reported: Finding[] = [];
  if (mode === 'skip') return { refused, reported };
  for (const finding of findings) {
    const action = forbiddenActions.find(word => matchesAction(finding, word));
    const judged = action === undefined ? finding : forbid(finding, action, mode);
    if (judged.severity === 'safe') continue;
    const isBad = judged.severity === 'warning' || judged.severity === 'fatal';
    (mode === 'strict' && isBad ? refused : reported).push(judged);
  }
  return { refused, reported };
}

/** Findings of scripts that have a network: that they fetch something is no mistake, though a policy may forbid it. */
export function asWithNetwork(findings: readonly Finding[]): Finding[] {
  return findings.map(finding =>
    finding.reason === NO_NETWORK
      ? { ...finding, severity: 'safe', reason: 'it has a network here' }
      : finding,
  );
}

/** Whether a live finding is what a word of `forbidden-actions` names. */
function matchesAction({ live, category, programs, paths }: Finding, word: string): boolean {
  if (!live) return false;
  if (word.startsWith('/')) return paths.some(path => isBelow(path, word));
  return category === word || programs.includes(word);
}

function forbid(finding: Finding, action: string, mode: 'strict' | 'warn'): Finding {
  const severity = mode === 'strict' || finding.severity === 'fatal' ? 'fatal' : 'warning';
  return { ...finding, severity, reason: `the policy forbids ${action}; ${finding.reason}` };
}
