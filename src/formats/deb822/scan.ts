import { Buffer } from 'node:buffer';
import { type ByteString, fromBuffer, toText } from '../bytes/index.ts';
import { type Field, refuse, type Stanza } from './stanza.ts';

export interface StanzaOptions {
  /** Whether lines that begin with `#` are comments, as in files that people write. Default false: dpkg's and apt's own files have none. */
  readonly comments?: boolean;
  /** Only these fields, in any case; the others are passed over quickly, and may then repeat unnoticed. Default all. */
  readonly only?: readonly string[];
}

/** What lasts from one piece of a file to the next. */
export interface Scanner {
  readonly comments: boolean;
  readonly only: ReadonlySet<string> | undefined;
  /** Names met so far, checked, in lower case: a file has few different ones. */
  readonly names: Map<string, string>;
  /** Of the next line to read. */
  line: number;
}

const NEWLINE = 0x0a;
const SEPARATOR = Buffer.from('\n\n');
const TAB = 0x09;
const RETURN = 0x0d;
const SPACE = 0x20;
const HASH = 0x23;
const FIELD_NAME = /^[!-"$-,.-9;-~][!-9;-~]*$/;
const NAMES_KEPT = 1024;
const NAME_LENGTH_MAX = 256;

export function openScanner({ comments = false, only }: StanzaOptions): Scanner {
  const wanted = only === undefined ? undefined : new Set(only.map(name => name.toLowerCase()));
  return { comments, only: wanted, names: new Map(), line: 1 };
}

/** The stanzas of a text that begins and ends between stanzas. */
export function* scan(scanner: Scanner, text: Buffer): Generator<Stanza, void, undefined> {
  const nul = text.indexOf(0);
  let at = 0;
  while (at < text.length) {
    if (text[at] === NEWLINE) {
      at += 1;
      scanner.line += 1;
      continue;
    }
    const separator = text.indexOf(SEPARATOR, at);
    const end = separator < 0 ? text.length : separator + 1;
    if (nul >= at && nul < end) refuse('a NUL', scanner.line);
    const stanza = scanStanza(scanner, fromBuffer(text, at, end));
    if (stanza !== undefined) yield stanza;
    at = end;
  }
}

/** The field being read: its value runs from `start` to `end`, after the `parts` that comments cut off. */
interface OpenField {
  readonly name: string;
  readonly key: string;
  readonly line: number;
  start: number;
  end: number;
  parts: string;
}

/** All fields of one stanza without blank lines; undefined when it holds comments only. */
function scanStanza(scanner: Scanner, text: ByteString): Stanza | undefined {
  const fields = new Map<string, Field>();
  let open: OpenField | undefined;
  let stanzaLine = 0;
  for (let at = 0; at < text.length; scanner.line++) {
    const newline = text.indexOf('\n', at);
    const end = newline < 0 ? text.length : newline;
    const first = text.charCodeAt(at);
    if (first === SPACE || first === TAB) {
      checkContinuation(text, { at, end, line: scanner.line, isInField: open !== undefined });
      if (open !== undefined) open.end = end;
    } else if (first === HASH && scanner.comments) {
      if (open !== undefined) cutOut(open, text, end);
    } else {
      if (open !== undefined) close(open, text, fields);
      if (stanzaLine === 0) stanzaLine = scanner.line;
      open = openField(scanner, text, { at, end });
    }
    at = end + 1;
  }
  if (open !== undefined) close(open, text, fields);
  if (stanzaLine === 0) return undefined;
  return { line: stanzaLine, fields };
}

interface Span {
  readonly at: number;
  readonly end: number;
}

interface Continuation extends Span {
  readonly line: number;
  readonly isInField: boolean;
}

function checkContinuation(text: string, { at, end, line, isInField }: Continuation): void {
  let i = at + 1;
  while (i < end && isBlank(text.charCodeAt(i))) i += 1;
  // apt takes such a line for text, dpkg for an error, and people for the end of a stanza.
  if (i === end)
    refuse('a line of blanks only: leave it empty, or write " ." for an empty line of text', line);
  if (!isInField) refuse('a continued line (it begins with a blank) without a field', line);
}

/** Ends the value before a comment line, to go on behind it. */
function cutOut(open: OpenField, text: string, commentEnd: number): void {
  if (open.end >= open.start) open.parts += text.slice(open.start, open.end);
  // Behind the comment comes the newline that the next part begins with.
  open.start = commentEnd;
  open.end = commentEnd;
}

function close(
  { name, key, line, start, end, parts }: OpenField,
  text: string,
  fields: Map<string, Field>,
): void {
  if (key === '') return;
  const whole = parts + text.slice(start, end);
  const value = (isBlank(whole.charCodeAt(whole.length - 1)) ? trimEnd(whole) : whole) as ByteString;
  const before = fields.size;
  fields.set(key, { name, value, line });
  if (fields.size === before) refuse(`field ${name} a second time`, line);
}

/** A field whose `key` is empty is one nobody asked for. */
function openField(scanner: Scanner, text: string, { at, end }: Span): OpenField {
  const colon = text.indexOf(':', at);
  if (colon < 0 || colon > end) refuse(`no field name and colon: ${excerpt(text, at, end)}`, scanner.line);
  const name = text.slice(at, colon);
  let key = scanner.names.get(name);
  if (key === undefined) {
    key = checkName(name, scanner.line);
    if (scanner.names.size < NAMES_KEPT) scanner.names.set(name, key);
  }
  let start = colon + 1;
  while (start < end && isBlank(text.charCodeAt(start))) start += 1;
  const isWanted = scanner.only === undefined || scanner.only.has(key);
  return {
    name: isWanted ? trimEnd(name) : name,
    key: isWanted ? key : '',
    line: scanner.line,
    start,
    end,
    parts: '',
  };
}

function checkName(written: string, line: number): string {
  // dpkg lets blanks stand before the colon.
  const name = trimEnd(written);
  if (name.length > NAME_LENGTH_MAX || !FIELD_NAME.test(name)) {
    refuse(`${excerpt(name, 0, name.length)} is not a field name`, line);
  }
  return name.toLowerCase();
}

function excerpt(text: string, start: number, end: number): string {
  return toText(text.slice(start, Math.min(end, start + 60)) as ByteString);
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB || code === RETURN;
}

function trimEnd(text: string): string {
  let end = text.length;
  while (end > 0 && isBlank(text.charCodeAt(end - 1))) end -= 1;
  return end === text.length ? text : text.slice(0, end);
}
