import { editVerb } from './edit-verb.ts';

export const command = editVerb('unlayer', args => [
  { kind: 'remove-layers', requests: args.argumentList('PACKAGE') },
]);
