import { editVerb } from './edit-verb.ts';

export const command = editVerb('layer', args => [
  { kind: 'add-layers', requests: args.argumentList('PACKAGE') },
  { kind: 'resolve-paths', baseDirectory: process.cwd() },
]);
