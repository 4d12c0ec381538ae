import { ruleOf } from './command-rules.ts';
import type { Call } from './machine.ts';
import { type Category, SEVERITIES, type Severity } from './model.ts';
import { isBelow, ruleOfPath } from './path-rules.ts';

/** What one call means. */
export interface Meaning {
  readonly severity: Severity;
  readonly category: Category;
  readonly reason: string;
}

export interface Classified {
  /** At least one; of a call that has several, none is `safe`. */
  readonly meanings: readonly Meaning[];
  readonly programs: readonly string[];
  readonly paths: readonly string[];
}

/** Commands that only ask whether a path is there, or what it is. */
const ASKS = new Set(['[', '[[', 'test', 'mountpoint']);

/** Judges a call by its name, its operands and its files. */
export function classify({ fields, targets }: Call): Classified {
  const [first, ...operands] = fields;
  const name = first === undefined ? undefined : nameOf(first);
  const paths = pathsOf(fields, targets);
  const rules = byName(fields, name, operands);
  const byPath = paths.flatMap(path => {
    const rule = ruleOfPath(path);
    // A home directory is only written down.
    if (rule === undefined || rules.some(({ category }) => category === 'users')) return [];
    const isQuestion = name !== undefined && ASKS.has(name) && rule.severity === 'warning';
    const { severity, category, reason } = rule;
    return [{ severity: isQuestion ? ('handled' as const) : severity, category, reason }];
  });
  const found = [...rules, ...byPath].filter(({ severity }) => severity !== 'safe');
  const meanings = found.filter(
    (meaning, i) =>
      i === found.findIndex(other => other.category === meaning.category && isWorst(other, found)),
  );
  const safe: Meaning = {
    severity: 'safe',
    category: 'shell',
    reason: 'it changes nothing but files of the image',
  };
  return {
    meanings: meanings.length > 0 ? meanings : [safe],
    programs: name === undefined ? [] : [name],
    paths,
  };
}

function isWorst(one: Meaning, others: readonly Meaning[]): boolean {
  const rank = SEVERITIES.indexOf(one.severity);
  return others.every(other => other.category !== one.category || SEVERITIES.indexOf(other.severity) <= rank);
}

function byName(fields: Call['fields'], name: string | undefined, operands: Call['fields']): Meaning[] {
  if (fields.length === 0) return [];
  if (name === undefined)
    return [{ severity: 'handled', category: 'program', reason: 'which program it runs shows when it runs' }];
  const rule = ruleOf(name, operands.map(operand => operand ?? '?').join(' '));
  // A file of debconf or dbconfig-common says more than that a file is read.
  const isSourced = (name === '.' || name === 'source') && operands[0] !== undefined;
  return isSourced && ruleOfPath(operands[0] ?? '') !== undefined ? [] : [rule];
}

function nameOf(field: string): string {
  return field.slice(field.lastIndexOf('/') + 1);
}

const PATHS_MAX = 20;

/** Words like `/x`, `of=/x` and `--file=/x`. */
function pathsOf(fields: Call['fields'], targets: readonly string[]): string[] {
  const paths = new Set<string>();
  for (const field of [...fields, ...targets]) {
    const path = field === undefined ? undefined : /^(?:[A-Za-z-]+=)?(\/[^\s:]*)$/.exec(field)?.[1];
    if (path !== undefined && !isBelow(path, '/dev/null') && paths.size < PATHS_MAX)
      paths.add(path.slice(0, 256));
  }
  return [...paths];
}
