import { FormatError } from '../../errors/index.ts';

/** A value of a JSON text that is read in pieces. */
export interface JsonMember {
  /** The keys that lead to it; as many as the depth that is read at. */
  readonly path: readonly string[];
  readonly value: unknown;
  /** Where it begins in the text. */
  readonly offset: number;
}

export interface MemberScanner {
  /** The members that end in this piece of the text. The piece is not kept. FormatError for what is no JSON of this shape. */
  push(piece: Buffer): JsonMember[];
  /** FormatError when the text is not at its end. */
  end(): void;
}

export interface MemberOptions {
  /** For messages: what the text is. */
  readonly name: string;
  /** At 2, the members of the objects that are members of the one object; at 0, the values of a text that has one after the other. */
  readonly depth: number;
  /** Longer members are refused. */
  readonly maxBytes: number;
}

const [SPACE, TAB, LF, CR, QUOTE, BACKSLASH] = [0x20, 0x09, 0x0a, 0x0d, 0x22, 0x5c];
const [COMMA, COLON, OPEN, CLOSE, OPEN_LIST, CLOSE_LIST] = [0x2c, 0x3a, 0x7b, 0x7d, 0x5b, 0x5d];

/** What may come next outside of a member. */
type Expected = 'value' | 'first-key' | 'key' | 'colon' | 'comma';

/**
 * Reads JSON that is too large to have at once: only one member is in memory at a time. What is above the members must be objects. The
 * members themselves are read by JSON.parse, so that what comes out is what it would have made of the whole.
 */
export function memberScanner({ name, depth, maxBytes }: MemberOptions): MemberScanner {
  const path: string[] = [];
  let expected: Expected = 'value';
  let parts: Buffer[] = [];
  let partBytes = 0;
  /** Objects and lists that are open in a member; -1 outside of one. */
  let nesting = -1;
  let isKey = false;
  let isString = false;
  let isEscaped = false;
  let isScalar = false;
  let began = 0;
  let before = 0;
  let done = false;

  const fail = (reason: string, offset: number, cause?: unknown): never => {
    throw new FormatError(name, reason, { offset }, { cause });
  };
  const parsed = (piece: Buffer, start: number, end: number): unknown => {
    const last = piece.subarray(start, end);
    const bytes = parts.length === 0 ? last : Buffer.concat([...parts, last]);
    parts = [];
    partBytes = 0;
    if (bytes.length > maxBytes) return tooLong();
    try {
      return JSON.parse(bytes.toString('utf8'));
    } catch (error) {
      // Deep nesting overflows the stack of the parser, which is a RangeError.
      if (!(error instanceof SyntaxError) && !(error instanceof RangeError)) throw error;
      return fail(`${where()} is no JSON`, began, error);
    }
  };
  const where = () => (path.length === 0 ? 'a value' : `the value of ${path.join('/').slice(0, 200)}`);
  const tooLong = () => fail(`${where()} is longer than ${maxBytes} bytes`, began);

  const push = (piece: Buffer): JsonMember[] => {
    const found: JsonMember[] = [];
    const { length } = piece;
    let start = 0;
    const member = (end: number) => {
      const value = parsed(piece, start, end);
      found.push({ path: [...path], value, offset: began });
      nesting = -1;
      isScalar = false;
      if (depth === 0) expected = 'value';
      else {
        path.pop();
        expected = 'comma';
      }
    };
    for (let i = 0; i < length; i++) {
      const byte = piece[i] ?? 0;
      if (isString) {
        if (isEscaped) isEscaped = false;
        else if (byte === BACKSLASH) isEscaped = true;
        else if (byte === QUOTE) {
          isString = false;
          if (isKey) {
            isKey = false;
            const key = parsed(piece, start, i + 1);
            path.push(String(key));
            expected = 'colon';
          } else if (nesting === 0) member(i + 1);
        }
        continue;
      }
      const isBlank = byte === SPACE || byte === LF || byte === CR || byte === TAB;
      if (nesting >= 0) {
        if (byte === QUOTE) isString = true;
        else if (isScalar) {
          if (isBlank || byte === COMMA || byte === CLOSE || byte === CLOSE_LIST) {
            member(i);
            i -= 1;
          }
        } else if (byte === OPEN || byte === OPEN_LIST) nesting += 1;
        else if (byte === CLOSE || byte === CLOSE_LIST) {
          nesting -= 1;
          if (nesting === 0) member(i + 1);
        }
        continue;
      }
      if (isBlank) continue;
      const offset = before + i;
      if (done) return fail('there is something behind its end', offset);
      if (expected === 'value') {
        if (path.length < depth) {
          if (byte !== OPEN) return fail(`${where()} is no object`, offset);
          expected = 'first-key';
          continue;
        }
        start = i;
        began = offset;
        nesting = 0;
        if (byte === QUOTE) isString = true;
        else if (byte === OPEN || byte === OPEN_LIST) nesting = 1;
        else if (byte === COMMA || byte === COLON || byte === CLOSE || byte === CLOSE_LIST)
          return fail('a value is expected', offset);
        else isScalar = true;
      } else if (byte === QUOTE && (expected === 'first-key' || expected === 'key')) {
        start = i;
        began = offset;
        isKey = true;
        isString = true;
      } else if (byte === COLON && expected === 'colon') expected = 'value';
      else if (byte === COMMA && expected === 'comma') expected = 'key';
      else if (byte === CLOSE && (expected === 'first-key' || expected === 'comma')) {
        if (path.length === 0) done = true;
        path.pop();
        expected = 'comma';
      } else return fail(`${EXPECTED[expected]} is expected`, offset);
    }
    if (isKey || nesting >= 0) {
      const rest = Buffer.from(piece.subarray(start));
      partBytes += rest.length;
      if (partBytes > maxBytes) return tooLong();
      parts.push(rest);
    }
    before += length;
    return found;
  };
  return {
    push,
    end() {
      if (depth === 0 ? nesting >= 0 && !isScalar : !done) fail('it ends too early', before);
      if (isScalar) fail('a value of it is no object', began);
    },
  };
}

const EXPECTED: Readonly<Record<Expected, string>> = {
  value: 'a value',
  'first-key': 'a name in quotes, or a closing brace,',
  key: 'a name in quotes',
  colon: 'a colon',
  comma: 'a comma or a closing brace',
};
