import { isAlias, isMap, isScalar, isSeq, type Node, type Scalar, type YAMLMap } from 'yaml';
import { quoteText } from './checked.ts';
import type { SpecDocument } from './document.ts';
import type { Problem } from './problem.ts';

/** A value as JSON knows them. */
export type PlainValue = string | number | boolean | null | readonly PlainValue[] | PlainMap;
/** A map without a prototype. */
export interface PlainMap {
  readonly [key: string]: PlainValue;
}

/** The plain value of a document, and the way back from a path in it to its nodes. */
export interface SpecValues {
  readonly value: PlainValue;
  readonly problems: readonly Problem[];
  /** The node at `path` with aliases followed, or undefined when there is none. */
  nodeAt(path: readonly PropertyKey[]): Node | undefined;
  /** Where the key `path[-1]` begins, or the value when it is in a list. */
  offsetOf(path: readonly PropertyKey[]): number;
}

/** Aliases may repeat parts of the file, but not without end. */
const MAX_NODES = 200_000;
const MAX_DEPTH = 32;

const CORE_TAGS = new Set(
  ['str', 'int', 'float', 'bool', 'null', 'map', 'seq'].map(name => `tag:yaml.org,2002:${name}`),
);
/** Text with one cannot be written as UTF-8. */
const LONE_SURROGATE = /\p{Surrogate}/u;

interface MapEntry {
  readonly key: Node | null;
  readonly value: Node | null;
}

interface Walk {
  readonly source: SpecDocument;
  readonly anchors: Map<string, Node>;
  readonly aliases: Map<Node, Node>;
  /** The entries of each map by key, so that finding one does not search. */
  readonly entries: Map<Node, Map<string, MapEntry>>;
  readonly problems: Problem[];
  nodes: number;
}

/** Reads a document into plain values. Numbers are those of YAML 1.2; a `mode` keeps the text it was written as. */
export function plainValues(source: SpecDocument): SpecValues {
  const walk: Walk = {
    source,
    anchors: new Map(),
    aliases: new Map(),
    entries: new Map(),
    problems: [],
    nodes: 0,
  };
  const root = source.document.contents as Node | null;
  const value = root === null ? null : toPlain(walk, root, []);
  const follow = (node: unknown): Node | undefined =>
    isAlias(node) ? walk.aliases.get(node) : ((node ?? undefined) as Node | undefined);
  const nodeAt = (path: readonly PropertyKey[]): Node | undefined => {
    let node = follow(root);
    for (const key of path) {
      if (isMap(node)) node = follow(walk.entries.get(node)?.get(String(key))?.value);
      else if (isSeq(node)) node = follow(node.items[Number(key)]);
      else return undefined;
    }
    return node;
  };
  const offsetOf = (path: readonly PropertyKey[]): number => {
    for (let length = path.length; length > 0; length--) {
      const parent = nodeAt(path.slice(0, length - 1));
      const key = path[length - 1]!;
      const node = isSeq(parent)
        ? (parent.items[Number(key)] as Node | undefined)
        : parent && walk.entries.get(parent)?.get(String(key))?.key;
      if (node) return startOf(node);
    }
    return startOf(root);
  };
  return { value, problems: walk.problems, nodeAt, offsetOf };
}

/** Where a node's text begins; 0 for an empty document. */
export function startOf(node: Node | null | undefined): number {
  return node?.range?.[0] ?? 0;
}

/** The text of a key of a map, as written for numbers: `1.10` stays `1.10`. */
export function keyText(key: unknown): string | undefined {
  if (!isScalar(key)) return undefined;
  return typeof key.value === 'string' ? key.value : (key.source ?? '');
}

function toPlain(walk: Walk, node: Node, path: readonly string[]): PlainValue {
  const refuse = (kind: Problem['kind'], reason: string, hint?: string): null => {
    walk.problems.push(walk.source.problem(startOf(node), kind, { path: path.join('.'), reason, hint }));
    return null;
  };
  if (++walk.nodes > MAX_NODES) {
    if (walk.nodes === MAX_NODES + 1)
      refuse('limit', `the file has more than ${MAX_NODES} values once its aliases are followed`);
    return null;
  }
  if (path.length > MAX_DEPTH)
    return refuse('limit', `lists and maps are nested more than ${MAX_DEPTH} deep`);
  if (isAlias(node)) {
    const target = walk.anchors.get(node.source);
    if (target === undefined)
      return refuse(
        'syntax',
        `there is no anchor &${node.source} before this alias`,
        'quote the value if it starts with *',
      );
    walk.aliases.set(node, target);
    return toPlain(walk, target, path);
  }
  if ((isMap(node) || isSeq(node) || isScalar(node)) && node.anchor !== undefined)
    walk.anchors.set(node.anchor, node);
  if (node.tag !== undefined && !CORE_TAGS.has(node.tag))
    return refuse(
      'syntax',
      `the tag ${node.tag} means nothing in a spec`,
      'quote the value if it starts with !',
    );
  if (isMap(node)) return mapToPlain(walk, node, path);
  if (isSeq(node))
    return node.items.map((item, index) => toPlain(walk, item as Node, [...path, String(index)]));
  return scalarToPlain(node as Scalar, path, refuse);
}

function scalarToPlain(
  node: Scalar,
  path: readonly string[],
  refuse: (kind: Problem['kind'], reason: string, hint?: string) => null,
): PlainValue {
  const { value } = node;
  if (typeof value === 'number' && path.at(-1) === 'mode') return node.source ?? String(value);
  if (typeof value === 'string' && LONE_SURROGATE.test(value))
    return refuse('encoding', 'the text has half of a surrogate pair in it', 'write the whole character');
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return value;
  return refuse('syntax', 'the value is of no kind that a spec has');
}

function mapToPlain(walk: Walk, map: YAMLMap, path: readonly string[]): PlainMap {
  // Without a prototype, so that a key called __proto__ is an unknown key like any other.
  const result = Object.create(null) as Record<string, PlainValue>;
  const entries = new Map<string, MapEntry>();
  walk.entries.set(map, entries);
  for (const pair of map.items) {
    const keyNode = pair.key as Node | null;
    const key = keyText(keyNode);
    const offset = startOf(keyNode ?? map);
    if (key === undefined) {
      walk.problems.push(
        walk.source.problem(offset, 'syntax', { path: path.join('.'), reason: 'a key must be plain text' }),
      );
      continue;
    }
    const keyPath = [...path, key];
    const first = entries.get(key);
    if (first !== undefined) {
      const { line } = walk.source.problem(startOf(first.key), 'duplicate', { reason: '' });
      walk.problems.push(
        walk.source.problem(offset, 'duplicate', {
          path: keyPath.map(part => (part.length > 60 ? quoteText(part) : part)).join('.'),
          reason: `the key is here twice; the first is in line ${line}`,
          hint: 'put everything under one of them',
        }),
      );
      continue;
    }
    const value = (pair.value ?? null) as Node | null;
    entries.set(key, { key: keyNode, value });
    result[key] = value === null ? null : toPlain(walk, value, keyPath);
  }
  return result;
}
