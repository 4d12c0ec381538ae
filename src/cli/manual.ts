import { COMMAND_GROUPS, type CommandDefinition, type OptionDefinition, verbOf } from '../commands/index.ts';
import { ERROR_CODES } from '../errors/index.ts';
import { GLOBAL_OPTIONS } from './global-options.ts';
import { optionDescription, optionUsage, usageLine } from './usage-line.ts';

/** apt-layer(8) in the man macros of roff. The same input gives the same page: it carries no date. */
export function renderManual(definitions: readonly CommandDefinition[], version: string): string {
  const visible = definitions.filter(definition => definition.hidden !== true);
  const groups = Object.entries(COMMAND_GROUPS).flatMap(([group, title]) => {
    const members = visible.filter(definition => definition.group === group);
    return members.length === 0
      ? []
      : [`.SH ${quoted(title.toUpperCase())}`, ...members.flatMap(verbSection)];
  });
  return `${[
    `.TH APT-LAYER 8 "" ${quoted(`apt-layer ${version}`)} "System administration"`,
    '.SH NAME',
    'apt\\-layer \\- immutable Debian and Ubuntu systems, layered with apt and dpkg',
    '.SH SYNOPSIS',
    '.B apt\\-layer',
    '[\\fIOPTIONS\\fR] \\fIVERB\\fR [\\fIARGUMENTS\\fR]',
    '.SH DESCRIPTION',
    ...paragraphs(
      'The system is an immutable, content-addressed composefs image. Every change builds a new deployment beside the ' +
        'running one, the switch is one atomic step, and the old deployment stays bootable.\n\n' +
        '`apt-layer ostree VERB` is the same as `apt-layer VERB`. Results go to standard output, everything else to ' +
        'standard error.',
    ),
    '.SH OPTIONS OF EVERY VERB',
    ...GLOBAL_OPTIONS.flatMap(optionEntry),
    ...groups,
    '.SH EXIT STATUS',
    ...exitCodes(),
  ].join('\n')}\n`;
}

function verbSection(definition: CommandDefinition): string[] {
  const aliases = definition.aliases ?? [];
  return [
    `.SS ${quoted(verbOf(definition))}`,
    `.B ${roff(usageLine(definition))}`,
    ...paragraphs(definition.description),
    ...(aliases.length > 0 ? ['.PP', roff(`Also called ${aliases.join(', ')}.`)] : []),
    ...(definition.arguments ?? []).flatMap(argument => [
      '.TP',
      `.I ${roff(argument.name)}`,
      roff(argument.description),
    ]),
    ...(definition.options ?? []).flatMap(optionEntry),
    ...definition.examples.flatMap(example => [
      '.PP',
      roff(`Example: ${example.does}`),
      '.RS 4',
      '.nf',
      roff(`apt-layer ${example.command}`),
      '.fi',
      '.RE',
    ]),
  ];
}

function optionEntry(option: OptionDefinition): string[] {
  return ['.TP', `.B ${roff(optionUsage(option).trim())}`, roff(optionDescription(option))];
}

function exitCodes(): string[] {
  const meanings = new Map<number, string[]>([[0, ['done']]]);
  for (const { exit, meaning } of Object.values(ERROR_CODES))
    meanings.set(exit, [...(meanings.get(exit) ?? []), meaning]);
  return [...meanings]
    .sort(([a], [b]) => a - b)
    .flatMap(([exit, texts]) => ['.TP', `.B ${exit}`, roff(texts.join('; or '))]);
}

function paragraphs(text: string): string[] {
  return text.split('\n\n').flatMap(paragraph => ['.PP', roff(paragraph)]);
}

/** A leading dot or quote would be a request; a bare hyphen may be typeset as a dash. */
function roff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^([.'])/gm, '\\&$1');
}

function quoted(text: string): string {
  return `"${roff(text).replaceAll('"', '\\(dq')}"`;
}
