import { editVerb } from './edit-verb.ts';

const MODES = ['strict', 'warn', 'skip'] as const;

export const command = editVerb('layer-scripts', args => {
  const network = args.option('network');
  return [
    {
      kind: 'set-script-mode',
      package: args.argument('PACKAGE'),
      mode: MODES.find(mode => mode === args.argument('MODE')) ?? 'warn',
      ...(network !== undefined && { network: network === 'private' }),
    },
  ];
});
