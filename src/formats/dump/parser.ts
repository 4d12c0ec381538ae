import { type ByteString, fromBuffer, toText } from '../bytes/index.ts';
import { type Directory, type Leaf, type Node, S_IFDIR, S_IFMT, type Tree } from '../tree/index.ts';
import { untilNul } from './escapes.ts';
import { type Hardlink, keepUnusualNames, type Place, placeholder, resolveHardlinks } from './hardlinks.ts';
import { bytesField, FIELD, fail, integer, isUnset, type Line, nextLine, openLines } from './line.ts';
import { kindOf, parseNode } from './node.ts';
import type { XattrCache } from './xattrs.ts';

/** A dump as a tree. */
export interface ParsedDump {
  readonly tree: Tree;
  /**
   * For each leaf with several names whose real one is not the first depth first: where the real one is. It decides
   * the leaf's place in an image. Trees made here never need it.
   */
  readonly realNames: ReadonlyMap<Leaf, Place>;
}

const NAME_MAX = 255;
const SLASH = 0x2f;
const AT = 0x40;

interface Parser {
  readonly line: Line;
  readonly xattrs: XattrCache;
  readonly hardlinks: Map<Node, Hardlink>;
  root: Directory | undefined;
  /** By the literal text of their path, to find the parent of most lines in one step. */
  readonly directories: Map<string, Directory>;
  parentStart: number;
  parentEnd: number;
  parent: Directory | undefined;
}

/**
 * Reads the text that `composefs-info dump` prints and `mkcomposefs --from-file` takes. Throws a FormatError with the
 * line for everything mkcomposefs refuses, and for a malformed digest and a hardlink to a directory besides.
 * Link counts are kept as the dump states them.
 */
export function parseDump(text: Buffer): ParsedDump {
  const parser: Parser = {
    line: openLines(text),
    xattrs: new Map(),
    hardlinks: new Map(),
    root: undefined,
    directories: new Map(),
    parentStart: 0,
    parentEnd: -1,
    parent: undefined,
  };
  while (nextLine(parser.line)) parseLine(parser);
  const { root, hardlinks, line } = parser;
  if (root === undefined) return fail(line, 'no root directory');
  const realNames = resolveHardlinks(root, hardlinks);
  keepUnusualNames(root, realNames);
  return { tree: root, realNames };
}

function parseLine(parser: Parser): void {
  const { line } = parser;
  const modeStart = line.starts[FIELD.mode]!;
  const isHardlink = line.text[modeStart] === AT && line.ends[FIELD.mode]! > modeStart;
  const modeField = integer(line, modeStart + (isHardlink ? 1 : 0), line.ends[FIELD.mode]!, {
    radix: 8,
    field: FIELD.mode,
  });
  const mode = typeof modeField === 'number' ? modeField & 0xffff : Number(modeField & 0xffffn);
  const kind = kindOf(mode) ?? fail(line, `mode has no known file type: ${(mode & S_IFMT).toString(8)}`);
  const literalPathEnd = line.escaped & 1 ? -1 : line.ends[FIELD.path]!;
  const place = literalPathEnd < 0 ? escapedPlace(parser) : literalPlace(parser, literalPathEnd);
  if (place === undefined) {
    if (isHardlink || (mode & S_IFMT) !== S_IFDIR) fail(line, 'the root is not a directory');
    parser.root = parseNode(line, { kind, mode }, parser.xattrs) as Directory;
    parser.directories.set('', parser.root);
    return;
  }
  const { directory, name } = place;
  if (isHardlink) {
    if (kind === 'directory') fail(line, 'a hardlink with the mode of a directory');
    addHardlink(parser, directory, name);
    return;
  }
  const node = parseNode(line, { kind, mode }, parser.xattrs);
  add(parser, place, node);
  if (node.kind === 'directory' && literalPathEnd >= 0) {
    parser.directories.set(fromBuffer(line.text, line.starts[FIELD.path], literalPathEnd), node);
  }
}

function addHardlink(parser: Parser, directory: Directory, name: ByteString): void {
  const { line } = parser;
  if (isUnset(line, FIELD.payload)) fail(line, 'a hardlink without a target');
  const target = untilNul(bytesField(line, FIELD.payload));
  const node = placeholder();
  add(parser, { directory, name }, node);
  parser.hardlinks.set(node, { directory, name, target, line: line.number });
}

function add(parser: Parser, { directory, name }: Place, node: Node): void {
  const { entries } = directory;
  const before = entries.size;
  entries.set(name, node);
  if (entries.size === before) fail(parser.line, `a second entry ${toText(name)}`);
}

/** Where a path without escapes belongs; undefined for the root. */
function literalPlace(parser: Parser, end: number): Place | undefined {
  const { line } = parser;
  const { text } = line;
  const start = line.starts[FIELD.path]!;
  let nameStart = end;
  while (nameStart > start && text[nameStart - 1] !== SLASH) nameStart -= 1;
  if (nameStart === end || parser.root === undefined) return place(parser, fromBuffer(text, start, end));
  const parentEnd = nameStart > start ? nameStart - 1 : start;
  if (parser.parent === undefined || !sameBytes(text, start, parentEnd, parser)) {
    const known = parser.directories.get(fromBuffer(text, start, parentEnd));
    if (known === undefined) return place(parser, fromBuffer(text, start, end));
    parser.parent = known;
    parser.parentStart = start;
    parser.parentEnd = parentEnd;
  }
  return { directory: parser.parent, name: checkName(line, fromBuffer(text, nameStart, end)) };
}

function escapedPlace(parser: Parser): Place | undefined {
  return place(parser, untilNul(bytesField(parser.line, FIELD.path)));
}

/** Walks down a path: slashes at its start are skipped, several in a row count as one, one at the end is an error. */
function place(parser: Parser, path: ByteString): Place | undefined {
  const { line, root } = parser;
  if (root === undefined) {
    if (path !== '/') fail(line, 'the first entry is not /');
    return undefined;
  }
  const names = path.replace(/^\/+/, '').split(/\/+/) as ByteString[];
  const name = checkName(line, names.pop()!);
  let directory = root;
  for (const component of names) {
    const child = directory.entries.get(component);
    if (child?.kind !== 'directory') {
      const what = child === undefined ? 'does not exist yet' : 'is not a directory';
      return fail(line, `the parent directory of ${toText(path)} ${what}`);
    }
    directory = child;
  }
  return { directory, name };
}

function checkName(line: Line, name: ByteString): ByteString {
  if (name.length === 0) fail(line, 'an empty name (a second root, or a slash at the end)');
  if (name.length > NAME_MAX) fail(line, `a name of ${name.length} bytes; the most is ${NAME_MAX}`);
  if (name === '.' || name === '..') fail(line, `the name ${name}`);
  return name;
}

function sameBytes(text: Buffer, start: number, end: number, { parentStart, parentEnd }: Parser): boolean {
  if (end - start !== parentEnd - parentStart) return false;
  // Paths of neighbours differ at their end.
  for (let i = end - 1, j = parentEnd - 1; i >= start; i--, j--) if (text[i] !== text[j]) return false;
  return true;
}
