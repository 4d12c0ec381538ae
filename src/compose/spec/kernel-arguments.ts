import { AptLayerError } from '../../errors/index.ts';

/** Changes of a list of kernel arguments, done in the order of these keys. An argument is `KEY` or `KEY=VALUE`. */
export interface KernelArgumentsEdit {
  readonly delete: readonly string[];
  readonly deleteIfPresent: readonly string[];
  /** `KEY=NEW`, or `KEY=OLD=NEW` where the key stands more than once. */
  readonly replace: readonly string[];
  readonly append: readonly string[];
  readonly appendIfMissing: readonly string[];
}

/**
 * The list after the changes. `KEY` as something to delete means that key with its one value; `KEY=VALUE` means just that.
 * NOT_FOUND for what is to be deleted or replaced and is not there; USAGE for a key that stands more than once.
 */
export function editedKernelArguments(
  current: readonly string[],
  edit: KernelArgumentsEdit,
): readonly string[] {
  const list = [...current];
  for (const wanted of edit.delete) list.splice(indexOf(list, wanted), 1);
  for (const wanted of edit.deleteIfPresent)
    if (matches(list, wanted).length > 0) list.splice(indexOf(list, wanted), 1);
  for (const change of edit.replace) {
    const { old, replacement } = parseReplacement(list, change);
    list[indexOf(list, old)] = replacement;
  }
  list.push(...edit.append);
  for (const wanted of edit.appendIfMissing) if (!list.includes(wanted)) list.push(wanted);
  return list;
}

/** The list as it was edited elsewhere; as it is without `set`. FAILED when what was edited is not what there is: a change would be lost. */
export function setKernelArguments(
  current: readonly string[],
  set: { readonly from: readonly string[]; readonly to: readonly string[] } | undefined,
): readonly string[] {
  if (set === undefined) return current;
  const isCurrent = (list: readonly string[]) =>
    list.length === current.length && list.every((one, index) => one === current[index]);
  if (isCurrent(set.from) || isCurrent(set.to)) return set.to;
  throw new AptLayerError(
    'FAILED',
    `the kernel arguments were changed while they were edited; they are now: ${current.join(' ') || 'none'}`,
    {
      hint: `edit them again, or say each change (--append, --delete); what you wrote was: ${set.to.join(' ') || 'none'}`,
      details: { now: current, edited: set.to },
    },
  );
}

function indexOf(list: readonly string[], wanted: string): number {
  const found = matches(list, wanted);
  const [first] = found;
  if (first === undefined)
    throw new AptLayerError(
      'NOT_FOUND',
      `there is no kernel argument ${JSON.stringify(wanted)} in the spec`,
      {
        hint: list.length === 0 ? 'it has none' : `it has: ${list.join(' ')}`,
      },
    );
  if (new Set(found.map(index => list[index])).size > 1)
    throw new AptLayerError('USAGE', `${wanted} stands there more than once, with different values`, {
      hint: `say which: ${found.map(index => list[index]).join(', ')}`,
    });
  return first;
}

function matches(list: readonly string[], wanted: string): number[] {
  return list.flatMap((one, index) =>
    one === wanted || (!wanted.includes('=') && keyOf(one) === wanted) ? [index] : [],
  );
}

function keyOf(argument: string): string {
  const end = argument.indexOf('=');
  return end === -1 ? argument : argument.slice(0, end);
}

function parseReplacement(list: readonly string[], change: string): { old: string; replacement: string } {
  const key = keyOf(change);
  if (key === change)
    throw new AptLayerError('USAGE', `${JSON.stringify(change)} does not say what to put there`, {
      hint: 'write KEY=NEW or KEY=OLD=NEW',
    });
  const value = change.slice(key.length + 1);
  // A value may have a `=` of its own (root=UUID=...): the whole of an existing old value decides.
  for (let at = value.indexOf('='); at !== -1; at = value.indexOf('=', at + 1)) {
    const old = `${key}=${value.slice(0, at)}`;
    if (list.includes(old)) return { old, replacement: `${key}=${value.slice(at + 1)}` };
  }
  return { old: key, replacement: change };
}
