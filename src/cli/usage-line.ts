import {
  type ArgumentDefinition,
  type CommandDefinition,
  type OptionDefinition,
  verbOf,
} from '../commands/index.ts';

/** `apt-layer image write [OPTIONS] [IMAGE]`. */
export function usageLine(definition: CommandDefinition): string {
  const options = (definition.options ?? []).length > 0 ? ['[OPTIONS]'] : [];
  const operands = (definition.arguments ?? []).map(argumentUsage);
  return ['apt-layer', verbOf(definition), ...options, ...operands].join(' ');
}

function argumentUsage(argument: ArgumentDefinition): string {
  switch (argument.kind ?? 'required') {
    case 'optional':
      return `[${argument.name}]`;
    case 'variadic':
      return `${argument.name}...`;
    case 'variadic-optional':
      return `[${argument.name}...]`;
    case 'rest':
      return `[-- ${argument.name}...]`;
    case 'required':
      return argument.name;
  }
}

/** `-n, --dry-run`, `    --sysroot DIR`. */
export function optionUsage(option: OptionDefinition): string {
  const short = option.short === undefined ? '    ' : `-${option.short}, `;
  return `${short}--${option.name}${option.value === undefined ? '' : ` ${option.value}`}`;
}

/** The description with choices and default. */
export function optionDescription(option: OptionDefinition): string {
  const notes = [
    ...(option.choices === undefined ? [] : [option.choices.join(', ')]),
    ...(option.default === undefined ? [] : [`default ${option.default}`]),
    ...(option.repeatable === true ? ['may be repeated'] : []),
  ];
  return notes.length === 0 ? option.description : `${option.description} (${notes.join('; ')})`;
}
