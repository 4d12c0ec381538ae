import { AptLayerError } from '../../errors/index.ts';

/** What kind of mistake a problem is; stable, for programs. */
export type ProblemKind =
  | 'encoding'
  | 'syntax'
  | 'limit'
  | 'unknown-key'
  | 'unsupported'
  | 'duplicate'
  | 'missing'
  | 'type'
  | 'value';

/** One mistake in a spec. Lines and columns count from 1, columns in UTF-16 units; `path` is empty for the file. */
export interface Problem {
  readonly kind: ProblemKind;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly path: string;
  readonly reason: string;
  readonly hint?: string | undefined;
}

const MAX_REPORTED = 100;

/**
 * The error for a spec with `problems` (at least one), in the order of the file. The message has a line for
 * each, `file:line:column: path: reason`; `details.errors` holds them as data, the first 100.
 */
export function specInvalid(problems: readonly Problem[]): AptLayerError {
  const sorted = problems.toSorted((a, b) => a.line - b.line || a.column - b.column);
  const reported = sorted.slice(0, MAX_REPORTED);
  const lines = reported.map(problem => describe(problem, reported.length > 1));
  if (sorted.length > reported.length) lines.push(`and ${sorted.length - reported.length} more`);
  return new AptLayerError('SPEC_INVALID', lines.join('\n'), {
    hint: reported.length === 1 ? reported[0]!.hint : undefined,
    details: { errors: reported },
  });
}

function describe(problem: Problem, withHint: boolean): string {
  const where = `${problem.file}:${problem.line}:${problem.column}: `;
  const path = problem.path === '' ? '' : `${problem.path}: `;
  const hint = withHint && problem.hint !== undefined ? ` (${problem.hint})` : '';
  return `${where}${path}${problem.reason}${hint}`;
}
