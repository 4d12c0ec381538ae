import { parse } from 'yaml';
import { AptLayerError } from '../../errors/index.ts';
import { readFileIfExists } from '../../fs/index.ts';
import type { Host } from '../../host/index.ts';

/** What the timer does: nothing, say what is new, stage it, or stage it and restart. */
export const AUTOMATIC_UPDATES = ['off', 'check', 'stage', 'apply'] as const;
export type AutomaticUpdates = (typeof AUTOMATIC_UPDATES)[number];

/** The configuration of a machine: YAML, as specs are. */
export const CONFIGURATION_FILE = '/etc/apt-layer/apt-layer.conf';

const MAX_BYTES = 1024 * 1024;

/** `automatic-updates` of the machine's configuration; off without one. CONFIG_INVALID for another word. */
export function automaticUpdates(host: Host, path = CONFIGURATION_FILE): AutomaticUpdates {
  const data = readFileIfExists(host.sys, path, MAX_BYTES);
  if (data === undefined) return 'off';
  let settings: unknown;
  try {
    settings = parse(data.toString('utf8'), { maxAliasCount: 0 });
  } catch (error) {
    throw new AptLayerError('CONFIG_INVALID', `${path}: ${(error as Error).message}`, { cause: error });
  }
  // `off` alone is a word in YAML 1.2, but people write false as well.
  const value = isRecord(settings) ? (settings['automatic-updates'] ?? 'off') : 'off';
  const word = value === false ? 'off' : value;
  const found = AUTOMATIC_UPDATES.find(one => one === word);
  if (found === undefined)
    throw new AptLayerError('CONFIG_INVALID', `${path}: automatic-updates is ${JSON.stringify(value)}`, {
      hint: `write one of ${AUTOMATIC_UPDATES.join(', ')}`,
    });
  return found;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
