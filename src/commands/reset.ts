import { editVerb } from './edit-verb.ts';

export const command = editVerb('reset', args => {
  const [layers, overrides] = [args.flag('layers'), args.flag('overrides')];
  const all = !layers && !overrides;
  return [{ kind: 'reset', layers: layers || all, overrides: overrides || all }];
});
