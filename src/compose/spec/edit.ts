import { isDeepStrictEqual } from 'node:util';
import { isMap, isSeq, type Node, stringify, visit } from 'yaml';
import { AptLayerError } from '../../errors/index.ts';
import { parseBaseImage, renderBaseImage } from './base-image.ts';
import { parseDocument, type SpecDocument } from './document.ts';
import { changePolicy, type PolicyEdit } from './edit-policies.ts';
import { findRequests } from './find-request.ts';
import type { BaseImage, PackageRequest, Spec } from './model.ts';
import { packageKey, parsePackageRequest, renderPackageRequest } from './package-request.ts';
import { specOf } from './parse.ts';
import { plainSpec, renderSpec } from './render.ts';
import { pathValues, resolvePaths } from './resolve-paths.ts';
import { decodeSpecText } from './source.ts';
import { appendItems, lineEnding, removeItem, replaceScalar } from './text-edits.ts';
import { plainValues } from './values.ts';

/** One change that a command makes to a spec. Requests and base images are written as on the command line. */
export type SpecEdit =
  | { readonly kind: 'add-layers'; readonly requests: readonly string[] }
  | { readonly kind: 'remove-layers'; readonly requests: readonly string[] }
  | { readonly kind: 'set-base-image'; readonly base: string }
  | { readonly kind: 'resolve-paths'; readonly baseDirectory: string }
  | PolicyEdit;

/** What became of one item of an edit. `present` changed nothing; `previous` is what stood there before. */
export interface SpecChange {
  readonly outcome: 'added' | 'present' | 'replaced' | 'removed';
  readonly item: string;
  readonly previous?: string;
}

/** The outcome of all edits together. */
export interface SpecEditResult {
  /** The new text, with the comments and the layout of the old one; the old one itself when nothing changed. */
  readonly text: string;
  readonly spec: Spec;
  readonly changed: boolean;
  readonly changes: readonly SpecChange[];
}

interface Readout {
  readonly source: SpecDocument;
  readonly spec: Spec;
}

interface State extends Readout {
  readonly changes: SpecChange[];
}

/**
 * Changes the text of a spec. The result is read again and means exactly what was asked, else nothing is
 * returned. Throws SPEC_INVALID for a text that is no valid spec (before or after), USAGE for a request that is
 * malformed, NOT_FOUND for one to remove that is not there.
 */
export function editSpec(text: Buffer | string, file: string, edits: readonly SpecEdit[]): SpecEditResult {
  const original = decodeSpecText(text, file);
  const source = parseDocument(original, file);
  let state: State = { source, spec: specOf(source), changes: [] };
  for (const edit of edits) state = applyEdit(state, edit);
  return {
    text: state.source.text,
    spec: state.spec,
    changed: state.source.text !== original,
    changes: state.changes,
  };
}

function applyEdit(state: State, edit: SpecEdit): State {
  switch (edit.kind) {
    case 'add-layers':
      return addLayers(state, edit.requests.map(parsePackageRequest));
    case 'remove-layers': {
      const indexes = findRequests(state.spec.layers, edit.requests);
      return [...indexes].sort((a, b) => b - a).reduce(removeLayer, state);
    }
    case 'set-base-image':
      return setBaseImage(state, edit.base);
    case 'resolve-paths':
      return resolveIn(state, edit.baseDirectory);
    default:
      return applyPolicy(state, edit);
  }
}

function applyPolicy(state: State, edit: PolicyEdit): State {
  const { spec, keys, items } = changePolicy(state.spec, edit);
  if (isDeepStrictEqual(spec, state.spec))
    return {
      ...state,
      changes: [...state.changes, ...items.map(item => ({ outcome: 'present', item }) as const)],
    };
  const changes = items.map(item => ({ outcome: 'replaced', item }) as const);
  return committed(state, { text: withNewKeys(state, spec, keys), expected: spec, keys }, [
    ...state.changes,
    ...changes,
  ]);
}

/** The text with keys added at its end; undefined when one of them is there. */
function withNewKeys({ source }: State, expected: Spec, keys: readonly string[]): string | undefined {
  const { contents } = source.document;
  const plain = plainSpec(expected);
  const wanted = keys.filter(key => plain[key] !== undefined);
  if (!isMap(contents) || contents.flow === true || keys.some(key => contents.has(key))) return undefined;
  if (wanted.length === 0) return undefined;
  const eol = lineEnding(source.text);
  const gap = source.text === '' || source.text.endsWith('\n') ? '' : eol;
  const added = stringify(Object.fromEntries(wanted.map(key => [key, plain[key]])), { lineWidth: 0 });
  return `${source.text}${gap}${added.replaceAll('\n', eol)}`;
}

/** New requests that follow each other are one change of the text, as each change is read back. */
function addLayers(state: State, requests: readonly PackageRequest[]): State {
  let current = state;
  let fresh: PackageRequest[] = [];
  const known = new Set(state.spec.layers.map(packageKey));
  for (const request of requests) {
    if (!known.has(packageKey(request))) {
      known.add(packageKey(request));
      fresh.push(request);
      continue;
    }
    current = repeatLayer(appendLayers(current, fresh), request);
    fresh = [];
  }
  return appendLayers(current, fresh);
}

function appendLayers(state: State, fresh: readonly PackageRequest[]): State {
  if (fresh.length === 0) return state;
  const { source, spec, changes } = state;
  const items = fresh.map(renderPackageRequest);
  const expected = { ...spec, layers: [...spec.layers, ...fresh] };
  const added = items.map(item => ({ outcome: 'added', item }) as const);
  const text = appendItems(source, 'layers', items);
  return committed(state, { text, expected, keys: ['layers'] }, [...changes, ...added]);
}

/** A bare name is satisfied by any request for the package; a pinned one takes the place of what is there. */
function repeatLayer(state: State, request: PackageRequest): State {
  const { source, spec, changes } = state;
  const item = renderPackageRequest(request);
  const index = spec.layers.findIndex(other => packageKey(other) === packageKey(request));
  const previous = renderPackageRequest(spec.layers[index]!);
  if (request.kind === 'name' || previous === item)
    return { ...state, changes: [...changes, { outcome: 'present', item: previous }] };
  const expected = { ...spec, layers: spec.layers.with(index, request) };
  const text = replaceScalar(source, plainValues(source).nodeAt(['layers', index]), item);
  return committed(state, { text, expected, keys: ['layers'] }, [
    ...changes,
    { outcome: 'replaced', item, previous },
  ]);
}

function removeLayer(state: State, index: number): State {
  const { source, spec, changes } = state;
  const item = renderPackageRequest(spec.layers[index]!);
  const gone = packageKey(spec.layers[index]!);
  const expected = {
    ...spec,
    layers: spec.layers.toSpliced(index, 1),
    layerPolicies: spec.layerPolicies.filter(policy => policy.package !== gone),
  };
  const text = removeItem(source, 'layers', index);
  return committed(state, { text, expected, keys: ['layers'] }, [...changes, { outcome: 'removed', item }]);
}

function setBaseImage(state: State, base: string): State {
  const { source, spec, changes } = state;
  const baseImage = parseBaseImage(base);
  const item = renderBaseImage(baseImage);
  const previous = renderBaseImage(spec.baseImage);
  if (isDeepStrictEqual(baseImage, spec.baseImage))
    return { ...state, changes: [...changes, { outcome: 'present', item }] };
  const text = replaceScalar(source, plainValues(source).nodeAt(['base-image']), item);
  const expected = { ...spec, baseImage };
  return committed(state, { text, expected, keys: ['base-image'] }, [
    ...changes,
    { outcome: 'replaced', item, previous },
  ]);
}

/** Paths are made absolute in the text, where it can be done; otherwise the spec is written anew. */
function resolveIn(state: State, baseDirectory: string): State {
  const expected = resolvePaths(state.spec, baseDirectory);
  const targets = pathValues(expected);
  const changes = [...state.changes];
  let { text } = state.source;
  for (const [position, { path, value }] of pathValues(state.spec).entries()) {
    const { value: target } = targets[position]!;
    if (target === value) continue;
    const source = parseDocument(text, state.source.file);
    const node = plainValues(source).nodeAt(path);
    // The path of the only .deb of an override is that of the list, if it is in one.
    text = replaceScalar(source, isSeq(node) ? (node.items[0] as Node) : node, target) ?? text;
    changes.push({ outcome: 'replaced', item: target, previous: value });
  }
  const isSameBase = isDeepStrictEqual(expected.baseImage, state.spec.baseImage);
  for (const [key, value] of isSameBase ? [] : basePaths(expected.baseImage)) {
    const source = parseDocument(text, state.source.file);
    const path = key === undefined ? ['base-image'] : ['base-image', key];
    text = replaceScalar(source, plainValues(source).nodeAt(path), value) ?? text;
  }
  const result = readable(text, state.source.file);
  if (result !== undefined && isDeepStrictEqual(result.spec, expected)) return { ...result, changes };
  return { ...parsed(renderSpec(expected), state.source.file), changes };
}

/** What of a base may be a path: the whole text, or values of a map. The one that is not there is not replaced. */
function basePaths(base: BaseImage): [key: string | undefined, value: string][] {
  const whole: [undefined, string] = [undefined, renderBaseImage(base)];
  if (base.kind !== 'containerfile') return [whole];
  return [whole, ['containerfile', base.containerfile], ['context', base.context]];
}

/**
 * The state after an edit: the new text when it means what is expected, else the whole values of `keys` written
 * anew, which keeps the rest of the document but may lose comments inside those values.
 */
function committed(
  state: State,
  edit: { text: string | undefined; expected: Spec; keys: readonly string[] },
  changes: SpecChange[],
): State {
  const { text, expected, keys } = edit;
  for (const candidate of [text, rewritten(state, keys, expected)]) {
    const result = candidate === undefined ? undefined : readable(candidate, state.source.file);
    if (result !== undefined && isDeepStrictEqual(result.spec, expected)) return { ...result, changes };
  }
  // Either the new spec is wrong in itself, which this says, or the text ties several values together.
  parsed(renderSpec(expected), `${state.source.file} (changed)`);
  throw uneditable(state);
}

function parsed(text: string, file: string): Readout {
  const source = parseDocument(text, file);
  return { source, spec: specOf(source) };
}

/** The same, or undefined when the edit broke the text. */
function readable(text: string, file: string): Readout | undefined {
  try {
    return parsed(text, file);
  } catch (error) {
    if (error instanceof AptLayerError) return undefined;
    throw error;
  }
}

function rewritten(state: State, keys: readonly string[], expected: Spec): string | undefined {
  const { document } = parseDocument(state.source.text, state.source.file);
  let aliases = false;
  visit(document, {
    Alias() {
      aliases = true;
      return visit.BREAK;
    },
  });
  // An alias may point into the value that goes.
  if (aliases) return undefined;
  const plain = plainSpec(expected);
  for (const key of keys)
    if (plain[key] === undefined) document.delete(key);
    else document.set(key, document.createNode(plain[key]));
  return document.toString({ lineWidth: 0 });
}

function uneditable(state: State): AptLayerError {
  return new AptLayerError(
    'SPEC_INVALID',
    `${state.source.file}: the change cannot be made without changing more than was asked`,
    {
      hint: 'its anchors and aliases tie several values together: edit it by hand',
    },
  );
}
