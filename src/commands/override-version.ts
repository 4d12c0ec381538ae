import { versionChoice } from '../compose/index.ts';
import { editVerb } from './edit-verb.ts';

export const command = editVerb('override version', args =>
  args.argumentList('PACKAGE').map(text => ({ kind: 'set-override', ...versionChoice(text) }) as const),
);
