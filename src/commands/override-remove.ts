import { editVerb } from './edit-verb.ts';

export const command = editVerb('override remove', args =>
  args
    .argumentList('PACKAGE')
    .map(name => ({ kind: 'set-override', package: name, choice: { kind: 'remove' } }) as const),
);
