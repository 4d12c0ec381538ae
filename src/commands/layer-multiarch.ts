import { editVerb } from './edit-verb.ts';

const ROLES = ['same', 'foreign', 'allowed'] as const;

export const command = editVerb('layer-multiarch', (args, app) => {
  const architecture = args.argument('ARCH');
  return [
    {
      kind: 'set-multi-arch',
      package: args.argument('PACKAGE'),
      architecture,
      role: ROLES.find(role => role === args.argument('TYPE')) ?? 'same',
      native: architecture === app.host.architecture,
    },
  ];
});
