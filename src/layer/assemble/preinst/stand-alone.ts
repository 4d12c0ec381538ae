import {
  type CaseCommand,
  type Command,
  type List,
  matchesPattern,
  type SimpleCommand,
} from '../../../formats/shell/index.ts';
import { fieldsOf, parsePreinst, runsCommand, textOf, wordsOf } from './parsed.ts';

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
  const list = parsePreinst(script);
  return list !== undefined && areKnown(list);
}

function areKnown(list: List): boolean {
  return list.every(isKnown);
}

function isKnown(command: Command): boolean {
  if (command.redirects.some(({ target }) => runsCommand(target))) return false;
  switch (command.kind) {
    case 'simple':
      return isKnownCall(command);
    case 'and-or':
      return isKnown(command.first) && command.rest.every(({ command }) => isKnown(command));
    case 'not':
      return isKnown(command.command);
    case 'pipeline':
      return areKnown(command.parts);
    case 'if':
      return (
        command.branches.every(({ condition, body }) => areKnown(condition) && areKnown(body)) &&
        areKnown(command.otherwise)
      );
    case 'case':
      return areArmsKnown(command);
    case 'group':
    case 'subshell':
      return areKnown(command.body);
    case 'loop':
    case 'for':
    case 'function':
    case 'background':
    case 'condition':
    case 'arithmetic':
      return false;
  }
}

function areArmsKnown({ subject, arms }: CaseCommand): boolean {
  if (runsCommand(subject)) return false;
  return arms.every(({ patterns, body, end }) => {
    if (end !== ';;' || patterns.some(runsCommand)) return false;
    const isOther = patterns.every(pattern => matchesPattern(textOf(subject), textOf(pattern)) === false);
    return isOther || areKnown(body);
  });
}

function isKnownCall(command: SimpleCommand): boolean {
  if (wordsOf(command).some(runsCommand)) return false;
  // A PATH of its own may lead anywhere.
  if (command.assignments.some(({ name }) => name === 'PATH')) return false;
  if (command.words.length === 0) return true;
  const [name] = fieldsOf(command);
  return name !== undefined && ALWAYS_THERE.has(name);
}
