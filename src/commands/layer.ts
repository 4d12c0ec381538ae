import type { ChangeResult } from '../compose/index.ts';
import { AptLayerError } from '../errors/index.ts';
import { editVerb } from './edit-verb.ts';

export const command = editVerb(
  'layer',
  args => [
    { kind: 'change-removals', add: args.optionList('remove'), undo: args.argumentList('PACKAGE') },
    { kind: 'add-layers', requests: args.argumentList('PACKAGE') },
    { kind: 'resolve-paths', baseDirectory: process.cwd() },
  ],
  args => (args.flag('allow-downgrade') ? undefined : refuseDowngrades(args.argumentList('PACKAGE'))),
);

/** A version that is asked for by name may be older; anything else that gets older was hardly meant. */
function refuseDowngrades(requests: readonly string[]): (planned: ChangeResult) => void {
  const named = new Set(requests.filter(text => text.includes('=')).map(text => text.replace(/[:=].*$/, '')));
  return ({ packages }) => {
    const older = packages.downgraded.filter(({ name }) => !named.has(name));
    if (older.length === 0) return;
    const list = older.map(({ name, from, to }) => `${name} ${from} -> ${to}`).join(', ');
    throw new AptLayerError('RESOLVE_FAILED', `packages would go back to older versions: ${list}`, {
      hint: 'say --allow-downgrade if that is meant',
      details: { downgraded: older },
    });
  };
}
