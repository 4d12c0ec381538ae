import { AptLayerError } from '../errors/index.ts';
import { editVerb } from './edit-verb.ts';

export const command = editVerb('override reset', args => {
  const packages = args.argumentList('PACKAGE');
  if (args.flag('all') === packages.length > 0)
    throw new AptLayerError('USAGE', 'override reset: name packages, or say --all', {
      hint: '`apt-layer override list` shows what is overridden',
    });
  return [{ kind: 'remove-overrides', ...(args.flag('all') ? {} : { packages }) }];
});
