import { editVerb } from './edit-verb.ts';

const STRATEGIES = ['keep-latest', 'keep-base', 'fail'] as const;

export const command = editVerb('layer-metadata', args => [
  {
    kind: 'set-metadata',
    package: args.argument('PACKAGE'),
    preservePermissions: args.argument('PRESERVE') === 'true',
    conflictResolution: oneOf(STRATEGIES, args.argument('STRATEGY')),
  },
]);

/** The definition lets nothing else through. */
function oneOf<T extends string>(choices: readonly T[], word: string): T {
  return choices.find(choice => choice === word) as T;
}
