import { isScalar, isSeq, type Node } from 'yaml';
import type { z } from 'zod';
import { quoteText } from './checked.ts';
import type { SpecDocument } from './document.ts';
import type { Problem, ProblemKind } from './problem.ts';
import { keysAt } from './schema.ts';
import { UNVERIFIED_FIELDS } from './schema-repository.ts';
import type { RefusalParams } from './schema-text.ts';
import { didYouMean, nearestKey } from './suggest.ts';
import type { SpecValues } from './values.ts';

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** The words of zod for what it expects, in words for authors of specs. */
const KIND_NAMES: Readonly<Record<string, string>> = {
  string: 'text',
  array: 'a list',
  object: 'a map of keys',
  boolean: 'true or false',
  number: 'a number',
  int: 'a whole number',
  record: 'a map of keys',
};

/** What zod found wrong with the values of a document, in words and with the place in the file. */
export function problemsOf(found: readonly Issue[], source: SpecDocument, values: SpecValues): Problem[] {
  const issues = found.flatMap(withinUnion);
  const unknown = issues.flatMap(issue =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map(key => ({ parent: issue.path, ...unknownKey(key, issue.path, { source, values }) }))
      : [],
  );
  // A misspelt key is one mistake, not also the lack of the right one.
  const explained = new Set(
    unknown.flatMap(({ parent, meant }) =>
      meant === undefined ? [] : [pathText(parent), pathText([...parent, meant])],
    ),
  );
  const others = issues
    .filter(issue => issue.code !== 'unrecognized_keys')
    .map(issue => problemOf(issue, source, values))
    .filter(problem => problem.path === '' || !explained.has(problem.path));
  return [...unknown.map(({ problem }) => problem), ...others];
}

/**
 * A union fails as a whole: what counts is what is wrong with the one alternative that is of the kind that was given, such
 * as a map.
 */
function withinUnion(issue: Issue): Issue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const fitting = issue.errors.filter(
    errors => !errors.some(error => error.code === 'invalid_type' && error.path.length === 0),
  );
  const [meant, second] = fitting;
  if (meant === undefined || second !== undefined) return [issue];
  return meant.map(error => ({ ...error, path: [...issue.path, ...error.path] })).flatMap(withinUnion);
}

function problemOf(issue: Issue, source: SpecDocument, values: SpecValues): Problem {
  const node = values.nodeAt(issue.path);
  const offset = node === undefined || isNull(node) ? values.offsetOf(issue.path) : (node.range?.[0] ?? 0);
  const path = pathText(issue.path);
  if (issue.code === 'custom') {
    const { hint, unsupported, ofKey } = (issue.params ?? {}) as RefusalParams;
    return source.problem(
      ofKey ? values.offsetOf(issue.path) : offset,
      unsupported ? 'unsupported' : 'value',
      {
        path,
        reason: issue.message,
        hint,
      },
    );
  }
  if (node === undefined && (isTypeIssue(issue) || issue.code === 'invalid_value'))
    return source.problem(offset, 'missing', {
      path,
      reason: 'this key is missing',
      hint: missingHint(issue),
    });
  if (issue.code === 'invalid_value')
    return source.problem(offset, 'value', { path, ...wrongChoice(issue.values.map(String), node) });
  if (isTypeIssue(issue))
    return source.problem(offset, 'type', { path, ...wrongType(expectedKind(issue), node) });
  if (issue.code === 'too_small' || issue.code === 'too_big') {
    if (issue.origin !== 'array')
      return source.problem(offset, 'value', { path, ...wrongNumber(issue, node) });
    return source.problem(offset, 'value', {
      path,
      reason: 'the list is empty',
      hint: 'remove the key, or list something',
    });
  }
  return source.problem(offset, 'value', { path, reason: issue.message });
}

function unknownKey(
  key: string,
  parent: Path,
  context: { source: SpecDocument; values: SpecValues },
): { problem: Problem; meant?: string | undefined } {
  const { source, values } = context;
  const offset = values.offsetOf([...parent, key]);
  const path = pathText([...parent, key]);
  const said = (kind: ProblemKind, reason: string, hint: string, meant?: string) => ({
    problem: source.problem(offset, kind, { path, reason, hint }),
    meant,
  });
  if (parent[0] === 'repositories' && UNVERIFIED_FIELDS.includes(key))
    return said(
      'unsupported',
      'signatures are always verified, and no key can switch that off',
      'remove it, and name the key of the repository in `signed-by`',
    );
  const known = keysAt(parent);
  const meant = nearestKey(key, known);
  const hint = meant === undefined ? `the keys here are ${known.join(', ')}` : `did you mean \`${meant}\`?`;
  return said('unknown-key', 'there is no such key', hint, meant);
}

function pathText(path: Path): string {
  return path.map(part => (String(part).length > 60 ? quoteText(String(part)) : String(part))).join('.');
}

function isTypeIssue(issue: Issue): boolean {
  return issue.code === 'invalid_type' || issue.code === 'invalid_union';
}

function expectedKind(issue: Issue): string {
  if (issue.code === 'invalid_type') return KIND_NAMES[issue.expected] ?? issue.expected;
  const kinds = issue.code === 'invalid_union' ? issue.errors.flat() : [];
  return [...new Set(kinds.map(expectedKind))].join(' or ');
}

function wrongType(expected: string, node: Node | undefined): { reason: string; hint?: string } {
  const reason = `this must be ${expected}, not ${describe(node)}`;
  if (isNull(node))
    return {
      reason,
      hint: expected === 'a list' ? 'remove the key, or write []' : 'remove the key, or give it a value',
    };
  if (!isScalar(node)) return { reason };
  if (expected.startsWith('text')) return { reason, hint: `quote it: ${JSON.stringify(sourceOf(node))}` };
  if (expected === 'a list') return { reason, hint: 'put each entry on a line of its own after "- "' };
  return { reason };
}

function wrongChoice(choices: readonly string[], node: Node | undefined): { reason: string; hint?: string } {
  const given = isScalar(node) ? sourceOf(node) : '';
  const what = isScalar(node) && typeof node.value === 'string' ? quoteText(given) : describe(node);
  const hint = didYouMean(given, choices);
  return {
    reason:
      choices.length === 1
        ? `this must be ${choices[0]}, not ${what}`
        : `${what} is not one of ${choices.join(', ')}`,
    ...(hint === undefined ? {} : { hint }),
  };
}

function wrongNumber(
  issue: Issue & { code: 'too_small' | 'too_big' },
  node: Node | undefined,
): { reason: string; hint: string } {
  const [size, hint] =
    issue.code === 'too_small'
      ? ['small', `write ${issue.minimum} or more`]
      : ['large', `write ${issue.maximum} or less`];
  return { reason: `${describe(node)} is too ${size}`, hint };
}

function missingHint(issue: Issue): string | undefined {
  if (issue.code === 'invalid_value') return `it is one of ${issue.values.join(', ')}`;
  switch (issue.path.at(-1)) {
    case 'base-image':
      return 'add a line such as base-image: apt://trixie';
    case 'signed-by':
      return 'signatures are always verified: name the key of the repository';
    default:
      return undefined;
  }
}

function describe(node: Node | undefined): string {
  if (node === undefined || isNull(node)) return 'nothing';
  if (!isScalar(node)) return isSeq(node) ? 'a list' : 'a map';
  if (typeof node.value === 'number') return `the number ${sourceOf(node)}`;
  if (typeof node.value === 'boolean') return `${node.value}`;
  return `the text ${quoteText(sourceOf(node))}`;
}

function isNull(node: Node | undefined): boolean {
  return isScalar(node) && node.value === null;
}

/** A scalar as it is written: the number 1.10 is not 1.1. */
function sourceOf(node: Node): string {
  if (!isScalar(node)) return '';
  return node.source ?? String(node.value);
}
