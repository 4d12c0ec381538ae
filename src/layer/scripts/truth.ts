import { FormatError } from '../../errors/index.ts';
import { compareVersions } from '../../formats/debversion/index.ts';
import { compareWithNothing, evaluateTest, type Truth } from '../../formats/shell/index.ts';
import { isAbsent } from './path-rules.ts';

type Fields = readonly (string | undefined)[];

/** Whether a command succeeds, where that can be told without running it. */
export function truthOf([name, ...operands]: Fields): Truth {
  switch (name) {
    case 'true':
    case ':':
      return true;
    case 'false':
      return false;
    case 'test':
      return evaluateTest(operands, fileTest);
    case '[':
      return operands.at(-1) === ']' ? evaluateTest(operands.slice(0, -1), fileTest) : undefined;
    case 'dpkg':
      return operands[0] === '--compare-versions' ? compare(operands.slice(1)) : undefined;
    default:
      return undefined;
  }
}

/** `[[ ... ]]` with one comparison, or several of them all joined by `&&` or all by `||`. */
export function truthOfCondition(operands: Fields, raw: readonly string[]): Truth {
  const operator = raw.includes('&&') ? '&&' : '||';
  if (raw.includes('(') || raw.includes(')') || (raw.includes('&&') && raw.includes('||'))) return undefined;
  const truths: Truth[] = [];
  let start = 0;
  for (let i = 0; i <= raw.length; i += 1) {
    if (i < raw.length && raw[i] !== operator) continue;
    truths.push(evaluateComparison(operands.slice(start, i)));
    start = i + 1;
  }
  const decides = operator === '||';
  if (truths.includes(decides)) return decides;
  return truths.includes(undefined) ? undefined : !decides;
}

function evaluateComparison(operands: Fields): Truth {
  const [, operator, right] = operands;
  // The right side is a pattern.
  if (operands.length >= 3 && (operator === '=~' || right === undefined || /[*?[\\]/.test(right)))
    return undefined;
  return evaluateTest(operands, fileTest);
}

function fileTest(_operator: string, path: string): Truth {
  return isAbsent(path) ? false : undefined;
}

function compare(operands: Fields): Truth {
  const [first, operator, second] = operands;
  if (operands.length !== 3 || first === undefined || second === undefined) return undefined;
  if (first === '') return compareWithNothing(operands);
  const fits = operator === undefined ? undefined : ORDERS[operator];
  if (fits === undefined || second === '') return undefined;
  try {
    return fits(compareVersions(first, second));
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
}

const ORDERS: Readonly<Record<string, (order: number) => boolean>> = {
  lt: order => order < 0,
  'lt-nl': order => order < 0,
  '<<': order => order < 0,
  le: order => order <= 0,
  'le-nl': order => order <= 0,
  '<=': order => order <= 0,
  eq: order => order === 0,
  '=': order => order === 0,
  ne: order => order !== 0,
  ge: order => order >= 0,
  'ge-nl': order => order >= 0,
  '>=': order => order >= 0,
  gt: order => order > 0,
  'gt-nl': order => order > 0,
  '>>': order => order > 0,
};
