import { isMap, isScalar } from 'yaml';
import type { z } from 'zod';
import { parseDocument, type SpecDocument } from './document.ts';
import { problemsOf } from './issues.ts';
import type { Spec } from './model.ts';
import { specInvalid } from './problem.ts';
import { type SpecPart, specPartSchema, specSchema } from './schema.ts';
import { decodeSpecText } from './source.ts';
import { plainValues, startOf } from './values.ts';

/**
 * Reads a spec. `file` is its name for messages. Throws SPEC_INVALID with every mistake at once: the message
 * has a line `file:line:column: path.to.key: reason` for each, `details.errors` holds them as data. Mistakes in
 * the values are only looked for in a file that is well-formed YAML.
 */
export function parseSpec(text: Buffer | string, file: string): Spec {
  return specOf(parseDocument(decodeSpecText(text, file), file));
}

/** The meaning of a well-formed document that stands alone. */
export function specOf(source: SpecDocument): Spec {
  return meaningOf(source, specSchema);
}

/** The meaning of a document that may include others, and may leave to them what a whole spec has to have. */
export function partOf(source: SpecDocument): SpecPart {
  return meaningOf(source, specPartSchema);
}

function meaningOf<T>(source: SpecDocument, schema: z.ZodType<T>): T {
  const { contents } = source.document;
  if (!isMap(contents)) {
    const empty = contents === null || (isScalar(contents) && contents.value === null);
    throw specInvalid([
      source.problem(startOf(contents), 'type', {
        reason: empty ? 'the file is empty' : 'a spec is a map of keys',
        hint: 'a spec has at least a line such as base-image: apt://trixie',
      }),
    ]);
  }
  const values = plainValues(source);
  const result = schema.safeParse(values.value);
  // A value that could not be read is null to the schema, which need not complain about that again.
  const unread = new Set(values.problems.map(problem => problem.path));
  const meaningless = problemsOf(result.error?.issues ?? [], source, values);
  const problems = [...values.problems, ...meaningless.filter(problem => !unread.has(problem.path))];
  if (!result.success || problems.length > 0) throw specInvalid(problems);
  return result.data;
}
