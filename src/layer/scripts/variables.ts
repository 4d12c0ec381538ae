import { type Command, expandWord, type List, type SimpleCommand } from '../../formats/shell/index.ts';
import { assign, lookupIn, type State } from './state.ts';

const NAME = /^[A-Za-z_][A-Za-z0-9_]*/;

/** What a builtin command, or a call of debconf, does to the variables and arguments of the shell. */
export function applyToVariables(
  state: State,
  fields: readonly (string | undefined)[],
  command: SimpleCommand,
): void {
  const [name, ...operands] = fields;
  switch (name) {
    case 'set':
      setArguments(state, operands);
      return;
    case 'shift': {
      const count = operands.length === 0 ? 1 : Number(operands[0]);
      state.args = Number.isSafeInteger(count) && count >= 0 ? state.args?.slice(count) : undefined;
      return;
    }
    case 'export':
    case 'readonly':
    case 'local':
    case 'declare':
    case 'typeset':
      declare(state, command);
      return;
    case 'unset':
      for (const operand of operands) if (operand !== undefined) assign(state, operand, '');
      return;
    case 'read':
    case 'getopts':
    case 'printf':
    case 'mapfile':
    case 'readarray':
      for (const operand of operands) if (operand !== undefined) assign(state, operand, undefined);
      return;
    case '.':
    case 'source':
    case 'eval':
      state.hasSourced = true;
      state.variables.clear();
      return;
    default:
      if (name?.startsWith('db_') === true) assign(state, 'RET', undefined);
  }
}

function setArguments(state: State, operands: readonly (string | undefined)[]): void {
  const at = operands.indexOf('--');
  if (at >= 0) state.args = operands.slice(at + 1);
  else if (operands.some(operand => operand === undefined || !/^[-+]/.test(operand))) {
    const isOptions = operands.every(
      (operand, i) =>
        operand !== undefined && (/^[-+]/.test(operand) || /^[-+]o$/.test(operands[i - 1] ?? '')),
    );
    if (!isOptions) state.args = undefined;
  }
}

/** `local x=$1 y` */
function declare(state: State, { words }: SimpleCommand): void {
  for (const word of words.slice(1)) {
    const name = NAME.exec(word.raw)?.[0];
    if (name === undefined) continue;
    const { value } = expandWord(word, lookupIn(state));
    if (word.raw[name.length] === '=') assign(state, name, value?.slice(name.length + 1));
    else if (word.raw.length > name.length) assign(state, name, undefined);
  }
}

/** Names of the variables that commands may set; what a function or another file sets is not among them. */
export function assignedIn(list: List): Set<string> {
  const names = new Set<string>();
  collectAssigned(list, names);
  return names;
}

function collectAssigned(list: List, names: Set<string>): void {
  for (const command of list) {
    if (command.kind === 'for' && command.name !== undefined) names.add(command.name);
    if (command.kind === 'simple') {
      for (const { name } of command.assignments) names.add(name);
      for (const { raw } of command.words) {
        const name = NAME.exec(raw)?.[0];
        if (name !== undefined) names.add(name);
      }
    }
    for (const inner of listsOf(command)) collectAssigned(inner, names);
  }
}

/** The lists that a command is made of, without those in its words. */
export function listsOf(command: Command): List[] {
  switch (command.kind) {
    case 'simple':
    case 'condition':
    case 'arithmetic':
      return [];
    case 'and-or':
      return [[command.first, ...command.rest.map(({ command: next }) => next)]];
    case 'not':
    case 'background':
      return [[command.command]];
    case 'pipeline':
      return [command.parts];
    case 'if':
      return [...command.branches.flatMap(({ condition, body }) => [condition, body]), command.otherwise];
    case 'case':
      return command.arms.map(({ body }) => body);
    case 'loop':
      return [command.condition, command.body];
    case 'for':
    case 'group':
    case 'subshell':
      return [command.body];
    case 'function':
      return [[command.body]];
  }
}
