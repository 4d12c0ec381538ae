import { FormatError } from '../../../errors/index.ts';
import {
  expandFields,
  expandWord,
  isShellScript,
  type List,
  listsOfWord,
  type Part,
  parseShell,
  type SimpleCommand,
  type Word,
} from '../../../formats/shell/index.ts';

/** Longer ones are not looked at. */
const SCRIPT_BYTES_MAX = 64 * 1024;

/** A preinst that a shell runs; undefined for what cannot be judged. */
export function parsePreinst(script: Buffer): List | undefined {
  if (!isShellScript(script) || script.length > SCRIPT_BYTES_MAX) return undefined;
  try {
    return parseShell(script.toString('latin1'));
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
}

/** `$1` and `$2` of a preinst that runs as `preinst install`. */
function argument(name: string): string | undefined {
  return name === '1' ? 'install' : name === '2' ? '' : undefined;
}

/** What a word expands to then; undefined when that is not known. */
export function textOf(word: Word): string | undefined {
  return expandWord(word, argument).value;
}

/** The name and operands of a command, by their values. */
export function fieldsOf({ words }: SimpleCommand): (string | undefined)[] {
  return expandFields(words, argument);
}

/** All words of a command that the shell expands. */
export function wordsOf({ assignments, words, redirects }: SimpleCommand): Word[] {
  const documents = redirects.flatMap(({ target, document }) => [target, document ?? target]);
  return [...assignments.map(({ value }) => value), ...words, ...documents];
}

export function runsCommand(word: Word): boolean {
  return listsOfWord(word).length > 0;
}

/** Whether expanding a word may fail, which ends the script. */
export function mayFail(word: Word): boolean {
  return word.parts.some(isRisky);
}

function isRisky(part: Part): boolean {
  if (part.kind === 'arithmetic') return true;
  if (part.kind !== 'parameter') return false;
  const { operator, operand } = part;
  if (operator === undefined) return false;
  return operator === 'indirect' || operator.endsWith('?') || (operand !== undefined && mayFail(operand));
}
