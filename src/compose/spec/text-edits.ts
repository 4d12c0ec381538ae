import { isMap, isScalar, isSeq, type Node, parse, Scalar, type YAMLSeq } from 'yaml';
import type { SpecDocument } from './document.ts';
import { keyText } from './values.ts';

/**
 * Changes of a YAML text that touch nothing else: comments, quotes and blank lines stay as they are. Each
 * returns the new text, or undefined where the text is laid out in a way it does not know; the caller verifies
 * what the new text means.
 */
type Edited = string | undefined;

interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Appends `items` to the list under the top-level `key`, in the style of the list; makes the list if absent. */
export function appendItems(source: SpecDocument, key: string, items: readonly string[]): Edited {
  const { text } = source;
  const entry = topEntry(source, key);
  if (entry === undefined) {
    const eol = lineEnding(text);
    const gap = text === '' || text.endsWith('\n') ? '' : eol;
    return `${text}${gap}${[`${key}:`, ...items.map(item => `  - ${plainOrQuoted(item)}`)].join(eol)}${eol}`;
  }
  if (!isSeq(entry.value)) return undefined;
  return entry.value.flow === true
    ? appendToFlow(text, entry.value, items)
    : appendToBlock(text, entry.value, items);
}

/** Removes the entry `index` of the list under the top-level `key`; the last one leaves `[]`. */
export function removeItem(source: SpecDocument, key: string, index: number): Edited {
  const { text } = source;
  const entry = topEntry(source, key);
  if (entry === undefined || !isSeq(entry.value)) return undefined;
  const list = entry.value;
  if (list.flow === true) return removeFromFlow(text, list, index);
  const range = rangeOf(list.items[index]);
  const dash = range && dashBefore(text, range[0]);
  if (range === undefined || dash === undefined) return undefined;
  const line = { start: lineStart(text, dash.offset), end: nextLine(text, range[1]), text: '' };
  if (list.items.length > 1) return splice(text, line);
  const keyEnd = rangeOf(entry.key)?.[1];
  const colon = keyEnd === undefined ? -1 : text.indexOf(':', keyEnd);
  return colon === -1 ? undefined : splice(text, { start: colon + 1, end: colon + 1, text: ' []' }, line);
}

/** Replaces the text of a scalar, keeping its quotes. */
export function replaceScalar(source: SpecDocument, node: Node | undefined, value: string): Edited {
  const range = rangeOf(node);
  if (!isScalar(node) || range === undefined) return undefined;
  const [start, end] = range;
  switch (node.type) {
    case Scalar.PLAIN:
      return splice(source.text, { start, end, text: plainOrQuoted(value) });
    case Scalar.QUOTE_DOUBLE:
      return splice(source.text, { start, end, text: JSON.stringify(value) });
    case Scalar.QUOTE_SINGLE:
      return splice(source.text, { start, end, text: `'${value.replaceAll("'", "''")}'` });
    default:
      return undefined;
  }
}

function appendToBlock(text: string, list: YAMLSeq, items: readonly string[]): Edited {
  const range = rangeOf(list.items.at(-1));
  const dash = range && dashBefore(text, range[0]);
  if (range === undefined || dash === undefined) return undefined;
  const eol = lineEnding(text);
  const at = nextLine(text, range[1]);
  const gap = text.endsWith('\n') || at < text.length ? '' : eol;
  const lines = items.map(item => `${dash.indent}-${dash.gap}${plainOrQuoted(item)}${eol}`).join('');
  return splice(text, { start: at, end: at, text: gap + lines });
}

function appendToFlow(text: string, list: YAMLSeq, items: readonly string[]): Edited {
  const words = items.map(plainOrQuoted);
  const whole = rangeOf(list);
  const last = rangeOf(list.items.at(-1));
  if (whole === undefined) return undefined;
  if (last === undefined)
    return splice(text, { start: whole[0] + 1, end: whole[0] + 1, text: words.join(', ') });
  const trailing = /^\s*,/.exec(text.slice(last[1], whole[1]))?.[0].length;
  const afterComma = last[1] + (trailing ?? 0);
  const comma = { start: last[1], end: last[1], text: trailing === undefined ? ',' : '' };
  const end = trailing === undefined ? '' : ',';
  const indent = text.slice(lineStart(text, last[0]), last[0]);
  const lineEnd = endOfLine(text, afterComma);
  const ownLine =
    /^\s*$/.test(indent) && lineEnd < whole[1] && /^\s*(?:#.*)?$/.test(text.slice(afterComma, lineEnd));
  if (!ownLine)
    return splice(text, comma, { start: afterComma, end: afterComma, text: ` ${words.join(', ')}${end}` });
  const separator = lineEnding(text) + indent;
  return splice(text, comma, {
    start: lineEnd,
    end: lineEnd,
    text: `${separator}${words.join(`,${separator}`)}${end}`,
  });
}

function removeFromFlow(text: string, list: YAMLSeq, index: number): Edited {
  const own = rangeOf(list.items[index]);
  const before = rangeOf(list.items[index - 1]);
  const after = rangeOf(list.items[index + 1]);
  if (own === undefined) return undefined;
  const [start, end] =
    before !== undefined ? [before[1], own[1]] : [own[0], after === undefined ? own[1] : after[0]];
  // A comment in between belongs to somebody.
  return text.slice(start, end).includes('#') ? undefined : splice(text, { start, end, text: '' });
}

/** A scalar that means `value` in any place: plain when that is safe, else in double quotes. */
export function plainOrQuoted(value: string): string {
  const safe = /^[A-Za-z0-9./][A-Za-z0-9+.:=/~_-]*$/.test(value) && !value.endsWith(':');
  return safe && parse(value) === value ? value : JSON.stringify(value);
}

function topEntry(source: SpecDocument, key: string): { key: unknown; value: unknown } | undefined {
  const { contents } = source.document;
  return isMap(contents) ? contents.items.find(pair => keyText(pair.key) === key) : undefined;
}

/** Start and end of a node's own text, without the comment after it. */
function rangeOf(node: unknown): readonly [number, number] | undefined {
  const range = (node as Node | undefined)?.range;
  return range ? [range[0], range[1]] : undefined;
}

/** The dash of a block list entry that begins its line, with the spaces around it. */
function dashBefore(
  text: string,
  start: number,
): { offset: number; indent: string; gap: string } | undefined {
  const line = lineStart(text, start);
  const match = /^( *)-( +)$/.exec(text.slice(line, start));
  return match === null ? undefined : { offset: line + match[1]!.length, indent: match[1]!, gap: match[2]! };
}

function splice(text: string, ...splices: readonly Splice[]): string {
  let result = '';
  let position = 0;
  for (const { start, end, text: inserted } of splices) {
    result += text.slice(position, start) + inserted;
    position = end;
  }
  return result + text.slice(position);
}

function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

/** Where the line of `offset` ends, before its line ending. */
function endOfLine(text: string, offset: number): number {
  const feed = text.indexOf('\n', offset);
  if (feed === -1) return text.length;
  return text[feed - 1] === '\r' && feed > offset ? feed - 1 : feed;
}

function nextLine(text: string, offset: number): number {
  const feed = text.indexOf('\n', offset);
  return feed === -1 ? text.length : feed + 1;
}

/** How the lines of a text end. */
export function lineEnding(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n';
}
