export type { ArgValues, ParsedArgs } from './args.ts';
export { createArgs, parseInteger } from './create-args.ts';
export {
  type AnyCommand,
  type ArgumentDefinition,
  COMMAND_GROUPS,
  type CommandDefinition,
  type CommandGroup,
  type CommandImplementation,
  type Completion,
  type Example,
  type OptionDefinition,
  verbOf,
} from './definition.ts';
export { commands } from './definitions/index.ts';
export * from './text/index.ts';
