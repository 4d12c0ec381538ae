import * as z from 'zod';
import type { Checked, Refusal } from './checked.ts';

/** What a custom issue carries beside its message. */
export interface RefusalParams {
  readonly hint?: string;
  readonly unsupported?: true;
  /** The key is wrong, not its value. */
  readonly ofKey?: true;
}

/** Text of one line, without control characters but tabs. */
export const ONE_LINE = /^[^\x00-\x08\x0a-\x1f\x7f]*$/;

/** A schema for text whose meaning `check` finds. */
export function checkedText<T>(check: (text: string) => Checked<T>, description: string) {
  return z
    .string()
    .transform((text, context) => meaning(check(text), context))
    .meta({ description });
}

/** The value of an outcome; a refusal becomes an issue. For use in a transform. */
export function meaning<T>(checked: Checked<T>, context: z.RefinementCtx): T {
  if ('value' in checked) return checked.value;
  refuse(context, checked);
  return z.NEVER;
}

/** Adds an issue at `path` below the value being checked. */
export function refuse(
  context: z.RefinementCtx,
  refusal: Refusal & Pick<RefusalParams, 'ofKey'>,
  path: PropertyKey[] = [],
): void {
  const { reason, ...params } = refusal;
  context.addIssue({ code: 'custom', message: reason, path, params });
}

/** A list without repetitions; `keyOf` says when two entries are the same. */
export function listOf<T extends z.ZodType>(item: T, keyOf: (value: z.output<T>) => string) {
  return z.array(item).superRefine((values, context) => {
    const seen = new Map<string, number>();
    for (const [index, value] of values.entries()) {
      const key = keyOf(value);
      const first = seen.get(key);
      if (first === undefined) seen.set(key, index);
      else refuse(context, { reason: `${key} is in the list already, as entry ${first + 1}` }, [index]);
    }
  });
}

/** The same for a list that means nothing when it is empty. */
export function filledListOf<T extends z.ZodType>(item: T, keyOf: (value: z.output<T>) => string) {
  return listOf(item, keyOf).min(1);
}
