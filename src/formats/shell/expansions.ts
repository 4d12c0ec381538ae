import { accept, type Cursor, closesTwice, fail, isAt, lineOf, nest, take } from './cursor.ts';
import type { List, Part, Word } from './model.ts';

/** How the parts of an expansion are read. */
export interface Nested {
  readonly isQuoted: boolean;
  /** Up to and with the closing bracket. */
  readOperand(place: 'operand' | 'quoted-operand'): Word;
  /** Behind `((`, up to and with `))`. */
  readArithmetic(): Part[];
  /** `(LIST)` */
  readCommands(): List;
}

const SIMPLE = /\$([A-Za-z_][A-Za-z0-9_]*|[0-9@*#?$!-])/y;
const NAME = /[A-Za-z_][A-Za-z0-9_]*|[0-9]+|[@*#?$!-]/y;
/** `${#}` and `${#-}` ask for the number of arguments, not for a length. */
const LENGTH = /#(?=[A-Za-z_0-9@*]|[?$!#-]\})/y;
const INDIRECT = /!(?=[A-Za-z_0-9])/y;
const INDEX = /\[[^\]}\n]*\]/y;
const OPERATOR = /:?[-=?+]|##?|%%?|\/[/#%]?|\^\^?|,,?|[:@*]/y;

/** What a `$` begins; undefined when it stands for itself. */
export function readExpansion(cursor: Cursor, nested: Nested): Part | undefined {
  const { isQuoted } = nested;
  const simple = take(cursor, SIMPLE);
  if (simple !== undefined)
    return { kind: 'parameter', name: simple[1] ?? '', operator: undefined, operand: undefined, isQuoted };
  if (isAt(cursor, '${')) return nest(cursor, () => readBraced(cursor, nested));
  if (!isAt(cursor, '$(')) return undefined;
  return nest(cursor, () => {
    cursor.at += 1;
    if (isAt(cursor, '((') && closesTwice(cursor)) {
      cursor.at += 2;
      return { kind: 'arithmetic', parts: nested.readArithmetic() };
    }
    return { kind: 'command', body: nested.readCommands(), isQuoted };
  });
}

function readBraced(cursor: Cursor, nested: Nested): Part {
  const start = cursor.at;
  cursor.at += 2;
  const prefix = take(cursor, LENGTH) ? 'length' : take(cursor, INDIRECT) ? 'indirect' : undefined;
  const name = take(cursor, NAME)?.[0] ?? fail(cursor, 'a ${ has no name', start);
  const index = take(cursor, INDEX) === undefined ? undefined : 'index';
  const { isQuoted } = nested;
  const base = { kind: 'parameter' as const, name, isQuoted };
  if (accept(cursor, '}')) return { ...base, operator: prefix ?? index, operand: undefined };
  const found = take(cursor, OPERATOR)?.[0] ?? fail(cursor, `a \${${name} does not end`, start);
  // Quotes within a default value are part of it there; those in a pattern quote.
  const place = isQuoted && /^:?[-=?+]$/.test(found) ? 'quoted-operand' : 'operand';
  const operand = nested.readOperand(place);
  return {
    ...base,
    operator: prefix ?? index ?? found,
    operand: { ...operand, line: lineOf(cursor, start) },
  };
}
