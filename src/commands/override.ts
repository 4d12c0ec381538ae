import { debChoice } from '../compose/index.ts';
import { editVerb } from './edit-verb.ts';

export const command = editVerb('override', args => [
  {
    kind: 'set-override',
    package: args.argument('PACKAGE'),
    choice: debChoice(args.argumentList('FILE')),
  },
  { kind: 'resolve-paths', baseDirectory: process.cwd() },
]);
