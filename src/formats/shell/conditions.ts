/** Whether a command succeeds; undefined when that is not known here. */
export type Truth = boolean | undefined;

/** Fields of an expression; undefined for those that are not known. */
type Values = readonly (string | undefined)[];

/** What is known of a file that `-e`, `-d`, `-x` ... ask for. */
export type FileTest = (operator: string, path: string) => Truth;

/** More are not looked at. */
const OPERANDS_MAX = 100;

/** What `test` or `[` says of its operands. No operand changes anything. */
export function evaluateTest(operands: Values, fileTest: FileTest = () => undefined): Truth {
  if (operands.length > OPERANDS_MAX) return undefined;
  // A word that is not known may turn into an operator, or into none.
  for (const [operator, combine] of COMBINERS) {
    const at = operands.lastIndexOf(operator);
    if (at > 0 && operands.length > 3)
      return combine(
        evaluateTest(operands.slice(0, at), fileTest),
        evaluateTest(operands.slice(at + 1), fileTest),
      );
  }
  if (operands[0] === '!' && operands.length > 1) return not(evaluateTest(operands.slice(1), fileTest));
  if (operands.includes('(') || operands.includes(')')) return undefined;
  const [first, second, third] = operands;
  if (operands.length === 1) return first === undefined ? undefined : first !== '';
  if (operands.length === 2) {
    if (first === undefined || second === undefined) return undefined;
    if (first === '-n' || first === '-z') return (first === '-n') === (second !== '');
    return /^-[bcdefghkLOGNprsSuwx]$/.test(first) ? fileTest(first, second) : undefined;
  }
  if (operands.length !== 3 || first === undefined || third === undefined) return undefined;
  if (second === '=' || second === '==') return first === third;
  return second === '!=' ? first !== third : undefined;
}

export function and(a: Truth, b: Truth): Truth {
  if (a === false || b === false) return false;
  return a === true && b === true ? true : undefined;
}

export function or(a: Truth, b: Truth): Truth {
  if (a === true || b === true) return true;
  return a === false && b === false ? false : undefined;
}

export function not(a: Truth): Truth {
  return a === undefined ? undefined : !a;
}

/** `-o` binds less than `-a`. */
const COMBINERS: readonly (readonly [string, (a: Truth, b: Truth) => Truth])[] = [
  ['-o', or],
  ['-a', and],
];

/** Whether a word of a `case` fits a pattern; undefined when that is not known. */
export function matchesPattern(subject: string | undefined, pattern: string | undefined): Truth {
  if (pattern === '*') return true;
  if (subject === undefined || pattern === undefined || /[?[\]\\(|]/.test(pattern)) return undefined;
  const [start = '', ...rest] = pattern.split('*');
  const end = rest.pop();
  if (end === undefined) return subject === pattern;
  if (!subject.startsWith(start)) return false;
  let at = start.length;
  for (const piece of rest) {
    const found = subject.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return subject.length - at >= end.length && subject.endsWith(end);
}

/**
 * `dpkg --compare-versions '' OPERATOR VERSION`: no version is before every other one, or after it for the operators with
 * `-nl`. Undefined for two real versions.
 */
export function compareWithNothing(operands: Values): Truth {
  const [first, operator, second] = operands;
  if (operands.length !== 3 || first !== '' || second === undefined || second === '') return undefined;
  return operator === undefined ? undefined : NOTHING_IS[operator];
}

const NOTHING_IS: Readonly<Record<string, boolean>> = {
  lt: true,
  le: true,
  ne: true,
  eq: false,
  ge: false,
  gt: false,
  'lt-nl': false,
  'le-nl': false,
  'ge-nl': true,
  'gt-nl': true,
  '<<': true,
  '<=': true,
  '=': false,
  '>=': false,
  '>>': false,
};
