import { dirname, resolve } from 'node:path';
import { AptLayerError } from '../../errors/index.ts';
import { parseDocument } from './document.ts';
import { type Merged, mergeSpecs } from './merge.ts';
import type { Spec } from './model.ts';
import { parseSpec, partOf } from './parse.ts';
import { pathValues } from './resolve-paths.ts';
import { decodeSpecText } from './source.ts';
import { type PlainMap, plainValues } from './values.ts';

/** How deep files may include each other. */
const DEPTH_MAX = 16;

/** Reads a file whole. */
export type ReadSpec = (path: string) => Buffer;

/**
 * Reads a spec file with all that it includes, as one self-contained spec: paths on the building machine are absolute and
 * `include` is gone. Each file is checked by itself, with its own name in messages, then what comes of them.
 * Throws SPEC_INVALID, also for files that include each other in a circle.
 */
export function loadSpec(read: ReadSpec, path: string): Spec {
  const { merged, isWhole } = load(read, resolve(path), [path]);
  return parseSpec(JSON.stringify(merged), isWhole ? path : `${path} with what it includes`);
}

function load(read: ReadSpec, path: string, chain: readonly string[]): { merged: Merged; isWhole: boolean } {
  const name = chain.at(-1) ?? path;
  const source = parseDocument(decodeSpecText(read(path), name), name);
  const part = partOf(source);
  const own = structuredClone(plainValues(source).value) as PlainMap;
  const directory = dirname(path);
  for (const { path: at, value } of pathValues(part)) setAt(own, at, resolve(directory, value));
  const { include = [], ...rest } = own as Merged & { include?: readonly string[] };
  if (include.length === 0) return { merged: rest, isWhole: true };
  const parts = include.map(file => {
    const included = resolve(directory, file);
    const chained = [...chain, included];
    if (chain.map(one => resolve(one)).includes(included) || chain.length >= DEPTH_MAX)
      throw new AptLayerError('SPEC_INVALID', `files include each other: ${chained.join(' > ')}`, {
        hint: `take ${file} out of \`include\` of ${name}`,
      });
    return load(read, included, chained).merged;
  });
  return { merged: [...parts, rest].reduce(mergeSpecs), isWhole: false };
}

function setAt(target: PlainMap, path: readonly (string | number)[], value: string): void {
  const parent = path.slice(0, -1).reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], target);
  (parent as Record<string, unknown>)[path.at(-1) as string] = value;
}
