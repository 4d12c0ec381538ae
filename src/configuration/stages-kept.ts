import { CONFIGURATION_FILE, type Host } from '../host/index.ts';
import { readConfiguration } from './file.ts';
import { invalidSetting } from './values.ts';

const KEPT = 8;
/** A lock has no more. */
const KEPT_MAX = 64;

/**
 * `keep-stages` of a machine's configuration: with more stages than so many, an upgrade that finds nothing new joins them. CONFIG_INVALID says what
 * it takes.
 */
export function readStagesKept(host: Pick<Host, 'sys'>, path = CONFIGURATION_FILE): number {
  const value = readConfiguration(host, path)['keep-stages'] ?? KEPT;
  const kept = Number(value);
  if (typeof value !== 'number' || !Number.isInteger(kept) || kept < 1 || kept > KEPT_MAX)
    throw invalidSetting(path, 'keep-stages', value, `write a whole number from 1 to ${KEPT_MAX}`);
  return kept;
}
