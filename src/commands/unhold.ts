import { editVerb } from './edit-verb.ts';

export const command = editVerb('unhold', args => [
  { kind: 'set-holds', add: [], remove: args.argumentList('PACKAGE') },
]);
