import { FormatError } from '../../../errors/index.ts';
import { isShellScript, matchesPattern, SCRIPT_BYTES_MAX } from './no-op.ts';
import { type Command, type List, parseScript, type SimpleCommand } from './syntax.ts';

/** Commands of the shell, of dpkg and of essential packages: there before any other package is. */
const ALWAYS_THERE = new Set(
  (
    ': true false echo printf export unset set exit test [ ' +
    'chgrp chmod chown cp ln mkdir mv rm rmdir touch ' +
    'dpkg dpkg-divert dpkg-maintscript-helper dpkg-statoverride update-alternatives'
  ).split(' '),
);

/**
 * Whether a preinst, run as `preinst install`, certainly uses nothing but the shell, dpkg and essential packages. It may then
 * run before what it pre-depends on is configured. Whatever is not known counts as using something else.
 */
export function standsAlone(script: Buffer): boolean {
  if (!isShellScript(script) || script.length > SCRIPT_BYTES_MAX) return false;
  try {
    return areKnown(parseScript(script.toString('latin1')));
  } catch (error) {
    if (error instanceof FormatError) return false;
    throw error;
  }
}

function areKnown(list: List): boolean {
  return list.every(isKnown);
}

function isKnown(command: Command): boolean {
  switch (command.kind) {
    case 'simple':
      return isKnownCall(command);
    case 'and':
    case 'or':
      return isKnown(command.left) && isKnown(command.right);
    case 'not':
      return isKnown(command.command);
    case 'pipeline':
      return areKnown(command.parts);
    case 'if':
      return [command.condition, command.then, command.otherwise].every(areKnown);
    case 'case':
      return (
        !command.subject.runsCommand &&
        command.arms.every(({ patterns, body }) => {
          const isOther = patterns.every(
            pattern => matchesPattern(command.subject.value, pattern.value) === false,
          );
          return isOther || areKnown(body);
        })
      );
    case 'group':
    case 'subshell':
      return areKnown(command.body);
    case 'loop':
    case 'function':
      return false;
  }
}

function isKnownCall({ assignments, words }: SimpleCommand): boolean {
  if ([...assignments, ...words].some(word => word.runsCommand)) return false;
  // A PATH of its own may lead anywhere.
  if (assignments.some(({ value }) => value === undefined || value.startsWith('PATH='))) return false;
  const [name] = words;
  return name === undefined || (name.value !== undefined && ALWAYS_THERE.has(name.value));
}
