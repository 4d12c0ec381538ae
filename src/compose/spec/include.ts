import { dirname, resolve } from 'node:path';
import { AptLayerError } from '../../errors/index.ts';
import { parseBaseImage, renderBaseImage } from './base-image.ts';
import { parseDocument } from './document.ts';
import { type Merged, mergeSpecs } from './merge.ts';
import type { Spec } from './model.ts';
import { parseSpec, partOf } from './parse.ts';
import { absoluteBase, pathValues } from './resolve-paths.ts';
import { decodeSpecText } from './source.ts';
import { type PlainMap, plainValues } from './values.ts';

/** How deep files may include each other, and how many that may be, each counted as often as it is included. */
const DEPTH_MAX = 16;
const FILES_MAX = 256;

/** Reads a file whole. */
export type ReadSpec = (path: string) => Buffer;

/**
 * Reads a spec file with all that it includes, as one self-contained spec: paths on the building machine are absolute and
 * `include` is gone. Each file is checked by itself, with its own name in messages, then what comes of them.
 * Throws SPEC_INVALID, also for files that include each other in a circle, or too deep, or too often.
 */
export function loadSpec(read: ReadSpec, path: string): Spec {
  let files = 0;
  const counted: ReadSpec = file => {
    if (++files > FILES_MAX)
      throw new AptLayerError('SPEC_INVALID', `${path} includes more than ${FILES_MAX} files`, {
        hint: 'include each file in one place only',
      });
    return read(file);
  };
  const { merged, isWhole } = load(counted, resolve(path), [path]);
  // The one character that JSON leaves as it is and YAML does not take.
  const text = JSON.stringify(merged).replaceAll('\x7f', '\\u007f');
  return parseSpec(text, isWhole ? path : `${path} with what it includes`);
}

function load(read: ReadSpec, path: string, chain: readonly string[]): { merged: Merged; isWhole: boolean } {
  const name = chain.at(-1) ?? path;
  const source = parseDocument(decodeSpecText(read(path), name), name);
  const part = partOf(source);
  const own = structuredClone(plainValues(source).value) as PlainMap;
  const directory = dirname(path);
  for (const { path: at, value } of pathValues(part)) setAt(own, at, resolve(directory, value));
  const base = own['base-image'];
  if (typeof base === 'string')
    setAt(own, ['base-image'], renderBaseImage(absoluteBase(parseBaseImage(base), directory)));
  else if (base !== undefined)
    for (const key of ['containerfile', 'context']) {
      const path = (base as PlainMap)[key];
      if (path !== undefined) setAt(own, ['base-image', key], resolve(directory, String(path)));
    }
  const { include = [], ...rest } = own as Merged & { include?: readonly string[] };
  if (include.length === 0) return { merged: rest, isWhole: true };
  const parts = include.map(file => {
    const included = resolve(directory, file);
    const chained = [...chain, included];
    const isCircle = chain.map(one => resolve(one)).includes(included);
    if (isCircle || chain.length >= DEPTH_MAX) {
      const what = isCircle ? 'files include each other' : `files include files more than ${DEPTH_MAX} deep`;
      throw new AptLayerError('SPEC_INVALID', `${what}: ${chained.join(' > ')}`, {
        hint: `take ${file} out of \`include\` of ${name}`,
      });
    }
    return load(read, included, chained).merged;
  });
  return { merged: [...parts, rest].reduce(mergeSpecs), isWhole: false };
}

function setAt(target: PlainMap, path: readonly (string | number)[], value: string): void {
  const parent = path.slice(0, -1).reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], target);
  (parent as Record<string, unknown>)[path.at(-1) as string] = value;
}
