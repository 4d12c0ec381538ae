import { editVerb } from './edit-verb.ts';

export const command = editVerb('hold', args => [
  { kind: 'set-holds', add: args.argumentList('PACKAGE'), remove: [] },
]);
