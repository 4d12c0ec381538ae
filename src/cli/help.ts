import {
  COMMAND_GROUPS,
  type CommandDefinition,
  displayWidth,
  type OptionDefinition,
  padEnd,
  type TextStyle,
  verbOf,
  wrap,
} from '../commands/index.ts';
import { GLOBAL_OPTIONS } from './global-options.ts';
import { optionDescription, optionUsage, usageLine } from './usage-line.ts';

/** Text that goes to a file or pipe is wrapped as for this terminal. */
const DEFAULT_COLUMNS = 100;
const WIDEST_TERM = 28;

/** The verbs under the headings of their groups. `path` is what they have in common, if anything. */
export function renderOverview(
  definitions: readonly CommandDefinition[],
  path: readonly string[],
  style: TextStyle,
): string {
  const verb = ['apt-layer', ...path].join(' ');
  const sections = Object.entries(COMMAND_GROUPS).flatMap(([group, title]) => {
    const members = definitions.filter(definition => definition.group === group);
    const entries = members.map(member => [verbOf(member), member.summary] as const);
    return entries.length === 0 ? [] : [`${style.bold(`${title}:`)}\n${definitionList(entries, style)}`];
  });
  return [
    ...(path.length === 0
      ? ['Immutable Debian and Ubuntu systems: layer packages, deploy in one step, roll back.\n']
      : []),
    `${style.bold('Usage:')} ${verb} VERB [OPTIONS] [ARGUMENTS]\n`,
    ...sections,
    ...(path.length === 0 ? [optionSection('Options of every verb', GLOBAL_OPTIONS, style)] : []),
    '`apt-layer help VERB` explains a verb and shows examples.\n',
  ].join('\n');
}

/** Everything about one verb. `below` are the verbs that start with it. */
export function renderVerbHelp(
  definition: CommandDefinition,
  below: readonly CommandDefinition[],
  style: TextStyle,
): string {
  const aliases = definition.aliases ?? [];
  const operands = (definition.arguments ?? []).map(
    argument => [argument.name, optionDescription({ ...argument, name: argument.name })] as const,
  );
  const sections = [
    `${style.bold('Usage:')} ${usageLine(definition)}\n`,
    paragraphs(definition.description, style),
    ...(aliases.length > 0 ? [`Also called: ${aliases.join(', ')}\n`] : []),
    ...(operands.length > 0 ? [`${style.bold('Arguments:')}\n${definitionList(operands, style)}`] : []),
    ...(definition.options?.length ? [optionSection('Options', definition.options, style)] : []),
    ...(below.length > 0
      ? [
          `${style.bold('More verbs:')}\n${definitionList(
            below.map(other => [verbOf(other), other.summary] as const),
            style,
          )}`,
        ]
      : []),
    `${style.bold('Examples:')}\n${examples(definition, style)}`,
    `${remarks(definition)}\`apt-layer help\` lists the options of every verb.\n`,
  ];
  return sections.join('\n');
}

function remarks(definition: CommandDefinition): string {
  const dryRun = definition.mutates === true ? 'With --dry-run it only says what it would do. ' : '';
  return definition.needsRoot ? `${dryRun}Needs root. ` : dryRun;
}

function examples(definition: CommandDefinition, style: TextStyle): string {
  return definition.examples
    .map(example => `  ${style.cyan(`apt-layer ${example.command}`)}\n      ${example.does}\n`)
    .join('');
}

function optionSection(title: string, options: readonly OptionDefinition[], style: TextStyle): string {
  const entries = options.map(option => [optionUsage(option), optionDescription(option)] as const);
  return `${style.bold(`${title}:`)}\n${definitionList(entries, style)}`;
}

function paragraphs(text: string, style: TextStyle): string {
  return text
    .split('\n\n')
    .map(paragraph => `${wrap(paragraph, width(style)).join('\n')}\n`)
    .join('\n');
}

/** Terms in one column, descriptions wrapped in the other. */
function definitionList(
  entries: readonly (readonly [term: string, text: string])[],
  style: TextStyle,
): string {
  const termWidth = Math.min(
    WIDEST_TERM,
    entries.reduce((widest, [term]) => Math.max(widest, displayWidth(term)), 0),
  );
  const indent = ' '.repeat(termWidth + 4);
  return entries
    .map(([term, text]) => {
      const lines = wrap(text, Math.max(30, width(style) - indent.length)).join(`\n${indent}`);
      const fits = displayWidth(term) <= termWidth;
      return `  ${style.bold(padEnd(term, termWidth))}${fits ? '  ' : `\n${indent}`}${lines}\n`;
    })
    .join('');
}

function width(style: TextStyle): number {
  return Number.isFinite(style.columns) ? style.columns : DEFAULT_COLUMNS;
}
