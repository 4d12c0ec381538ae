import { readConfiguration } from '../../configuration/index.ts';
import { AptLayerError } from '../../errors/index.ts';
import { CONFIGURATION_FILE, type Host } from '../../host/index.ts';

/** What the timer does: nothing, say what is new, stage it, or stage it and restart. */
export const AUTOMATIC_UPDATES = ['off', 'check', 'stage', 'apply'] as const;
export type AutomaticUpdates = (typeof AUTOMATIC_UPDATES)[number];

/** `automatic-updates` of the machine's configuration; off without one. CONFIG_INVALID for another word. */
export function automaticUpdates(host: Host, path = CONFIGURATION_FILE): AutomaticUpdates {
  // `off` alone is a word in YAML 1.2, but people write false as well.
  const value = readConfiguration(host, path)['automatic-updates'] ?? 'off';
  const word = value === false ? 'off' : value;
  const found = AUTOMATIC_UPDATES.find(one => one === word);
  if (found === undefined)
    throw new AptLayerError('CONFIG_INVALID', `${path}: automatic-updates is ${JSON.stringify(value)}`, {
      hint: `write one of ${AUTOMATIC_UPDATES.join(', ')}`,
    });
  return found;
}
