type Fields = readonly (string | undefined)[];

/** What a command runs: another command, or a script in a text. */
export interface Wrapped {
  readonly fields?: Fields;
  /** Undefined when it is not known. */
  readonly scripts: readonly (string | undefined)[];
}

const NOTHING: Wrapped = { scripts: [] };

/** What `env`, `sh -c`, `xargs`, `find -exec` ... run besides themselves. */
export function unwrap([name, ...operands]: Fields): Wrapped {
  switch (name) {
    case 'sh':
    case 'bash':
    case 'dash': {
      const at = operands.findIndex(operand => operand !== undefined && /^-[a-z]*c$/.test(operand));
      return at < 0 ? NOTHING : { scripts: [operands[at + 1]] };
    }
    case 'su': {
      const at = operands.findIndex(operand => operand === '-c' || operand === '--command');
      return at < 0 ? NOTHING : { scripts: [operands[at + 1]] };
    }
    case 'eval':
      return { scripts: [operands.includes(undefined) ? undefined : operands.join(' ')] };
    case 'trap':
      return operands.length < 2 || operands[0] === '-' || operands[0] === ''
        ? NOTHING
        : { scripts: [operands[0]] };
    case 'find':
      return { scripts: [], fields: executedByFind(operands) };
    case 'command':
      return operands[0]?.startsWith('-') === true && operands[0] !== '-p' && operands[0] !== '--'
        ? NOTHING
        : withoutOptions(operands);
    case 'exec':
    case 'env':
    case 'builtin':
    case 'nohup':
    case 'setsid':
    case 'time':
    case 'sudo':
    case 'xargs':
    case 'runuser':
    case 'setpriv':
    case 'nice':
    case 'ionice':
      return withoutOptions(operands);
    case 'timeout':
    case 'chroot':
      return withoutOptions(operands, 1);
    default:
      return NOTHING;
  }
}

/** Options whose value is a field of its own, of any of these commands. */
const WITH_VALUE = /^-(?:[cnuUgGsSkIPLpadE]|-user|-group|-signal|-kill-after|-reuid|-regid)$/;

/** `operands` that are not of the wrapped command: its options, assignments, and so many arguments. */
function withoutOptions(operands: Fields, own = 0): Wrapped {
  const separator = operands.indexOf('--');
  let at = 0;
  while (at < operands.length) {
    const operand = operands[at];
    if (operand === '--' || operand === undefined) break;
    if (WITH_VALUE.test(operand) && at + 1 < operands.length) at += 2;
    else if (/^-|^[A-Za-z_][A-Za-z0-9_]*=/.test(operand)) at += 1;
    else break;
  }
  if (separator >= at && operands[at] === '--') at += 1;
  const fields = operands.slice(at + own);
  return fields.length === 0 ? NOTHING : { scripts: [], fields };
}

function executedByFind(operands: Fields): Fields {
  const at = operands.findIndex(operand => operand !== undefined && /^-(?:exec|execdir|ok)$/.test(operand));
  return at < 0 ? [] : operands.slice(at + 1);
}
