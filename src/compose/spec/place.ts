import { AptLayerError } from '../../errors/index.ts';
import { parseDocument } from './document.ts';
import { plainValues } from './values.ts';

/** The text of a file that a spec is made of. */
export interface SpecText {
  /** For messages. */
  readonly file: string;
  readonly text: string;
}

/**
 * Where a key is said, as `FILE:LINE`, in the first of the files that has it; with `entry`, that entry of its list (of maps: by any of their values).
 * The first file alone where none has it.
 */
export function placeInSpec(texts: readonly SpecText[], key: string, entry?: string): string {
  for (const { file, text } of texts) {
    const path = pathIn(text, file, key, entry);
    if (path !== undefined) return `${file}:${path}`;
  }
  return texts[0]?.file ?? '';
}

function pathIn(text: string, file: string, key: string, entry: string | undefined): number | undefined {
  try {
    const source = parseDocument(text, file);
    const values = plainValues(source);
    const path: (string | number)[] = key.split('.');
    if (values.nodeAt(path) === undefined) return undefined;
    const list = path.reduce<unknown>(
      (at, one) => (at as Record<string, unknown> | undefined)?.[one],
      values.value,
    );
    const index =
      entry === undefined || !Array.isArray(list)
        ? -1
        : list.findIndex(one => one === entry || Object.values(Object(one) as object).includes(entry));
    if (entry !== undefined && index < 0) return undefined;
    return source.problem(values.offsetOf(index < 0 ? path : [...path, index]), 'value', { reason: '' }).line;
  } catch (error) {
    // It was read before, so at worst it was changed meanwhile.
    if (!(error instanceof AptLayerError)) throw error;
    return undefined;
  }
}
