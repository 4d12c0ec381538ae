import {
  type CommandDefinition,
  type CommandImplementation,
  type TextStyle,
  verbOf,
} from '../../commands/index.ts';
import { GLOBAL_OPTIONS } from '../global-options.ts';
import { renderOverview, renderVerbHelp } from '../help.ts';
import { unknownVerbError } from '../invocation.ts';
import { createRegistry } from '../registry.ts';

/** One verb is explained; several (or none: all) are listed. */
type HelpResult =
  | {
      readonly kind: 'verb';
      readonly definition: CommandDefinition;
      readonly below: readonly CommandDefinition[];
    }
  | {
      readonly kind: 'list';
      readonly path: readonly string[];
      readonly definitions: readonly CommandDefinition[];
    };

export function helpCommand(all: readonly CommandDefinition[]): CommandImplementation<HelpResult> {
  const registry = createRegistry(all);
  return {
    async run(_app, args) {
      const path = args.argumentList('VERB');
      const below = registry.below(path).filter(definition => definition.hidden !== true);
      const found = registry.find(path);
      if (found?.length === path.length && path.length > 0)
        return { kind: 'verb', definition: found.definition, below };
      if (below.length === 0) throw unknownVerbError(registry, path);
      return { kind: 'list', path, definitions: below };
    },

    render: (result: HelpResult, style: TextStyle) =>
      result.kind === 'verb'
        ? renderVerbHelp(result.definition, result.below, style)
        : renderOverview(result.definitions, result.path, style),

    toJson: result => ({
      globalOptions: GLOBAL_OPTIONS,
      verbs: (result.kind === 'verb' ? [result.definition] : result.definitions).map(asJson),
    }),
  };
}

function asJson(definition: CommandDefinition) {
  const { load: _, path: __, arguments: operands = [], options = [], aliases = [], ...data } = definition;
  return { verb: verbOf(definition), aliases, ...data, arguments: operands, options };
}
