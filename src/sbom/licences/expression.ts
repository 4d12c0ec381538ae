import { createHash } from 'node:crypto';
import { spdxLicence } from './names.ts';

/** A licence that SPDX has no name for: its own text stands for it. */
export interface OtherLicence {
  /** `LicenseRef-...`; the same for the same name and text only. */
  readonly id: string;
  readonly name: string;
  /** As the copyright file has it; the name where it has none. */
  readonly text: string;
}

/** What a copyright file says. */
export interface Licence {
  /** An SPDX licence expression. */
  readonly expression: string;
  /** What of it SPDX does not know, in order of appearance. */
  readonly others: readonly OtherLicence[];
}

/** Longer ones are no names of licences. */
const SYNOPSIS_MAX_LENGTH = 2000;

/**
 * The SPDX expression of a synopsis of Debian's copyright format, `GPL-2+ and Expat`: there `and` binds stronger than `or`, and a comma
 * before either ends what is to its left. What is no such synopsis counts as the name of one licence.
 */
export function licenceOf(synopsis: string, textOf: (name: string) => string | undefined): Licence {
  const others = new Map<string, OtherLicence>();
  const named = (name: string): string => {
    const known = spdxLicence(name);
    if (known !== undefined) return known;
    const other = otherLicence(name, textOf(name) ?? name);
    others.set(other.id, other);
    return other.id;
  };
  const line = synopsis.slice(0, SYNOPSIS_MAX_LENGTH).trim().replace(/\s+/g, ' ');
  const expression = parsed(line, named);
  if (expression !== undefined) return { expression, others: [...others.values()] };
  others.clear();
  return { expression: named(line), others: [...others.values()] };
}

/** All of several: what a package is under whose files are under different ones. */
export function allOf(licences: readonly Licence[]): Licence {
  const expressions = [...new Set(licences.map(one => one.expression))];
  const others = new Map(licences.flatMap(one => one.others.map(other => [other.id, other])));
  return {
    expression: expressions.length === 1 ? (expressions[0] ?? '') : expressions.map(grouped).join(' AND '),
    others: [...others.values()],
  };
}

function grouped(expression: string): string {
  return expression.includes(' OR ') ? `(${expression})` : expression;
}

/** Undefined where words are missing or too many. */
function parsed(line: string, named: (name: string) => string): string | undefined {
  // A comma ends the group before it: `A or B, and C` is (A or B) and C.
  const [first = '', ...rest] = line.split(/, (?=(?:and|or) )/i);
  let whole = group(first, named);
  for (const part of rest) {
    const [, word = '', operand = ''] = /^(and|or) (.*)$/i.exec(part) ?? [];
    const next = group(operand, named);
    if (whole === undefined || next === undefined) return undefined;
    whole = word.toLowerCase() === 'or' ? `${whole} OR ${next}` : `${grouped(whole)} AND ${grouped(next)}`;
  }
  return whole;
}

function group(text: string, named: (name: string) => string): string | undefined {
  const alternatives = text.split(/ or /i).map(alternative => {
    const names = alternative.split(/ and /i).map(one => one.trim());
    return names.every(isName) ? names.map(named).join(' AND ') : undefined;
  });
  return alternatives.some(one => one === undefined) ? undefined : alternatives.join(' OR ');
}

/** A word, and maybe what it is used with: SPDX has names for few exceptions, so that such a one is a licence of its own. */
function isName(text: string): boolean {
  return /^[^\s,|()]+(?: with [^,|()]+)?$/i.test(text);
}

function otherLicence(name: string, text: string): OtherLicence {
  const digest = createHash('sha256')
    .update(JSON.stringify([name, text]))
    .digest('hex')
    .slice(0, 12);
  const word = name
    .replace(/[^A-Za-z0-9.]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 48);
  return { id: ['LicenseRef', ...(word === '' ? [] : [word]), digest].join('-'), name, text };
}
