import { CONFIGURATION_FILE, ENGINES, type EngineName, type Host } from '../host/index.ts';
import { readConfiguration } from './file.ts';
import { invalidSetting } from './values.ts';

/** `engine` of a machine's configuration; undefined without one. CONFIG_INVALID for a program that is none. */
export function readEngine(host: Pick<Host, 'sys'>, path = CONFIGURATION_FILE): EngineName | undefined {
  const { engine } = readConfiguration(host, path);
  if (engine === undefined) return undefined;
  const found = ENGINES.find(name => name === engine);
  if (found === undefined) throw invalidSetting(path, 'engine', engine, `write one of ${ENGINES.join(', ')}`);
  return found;
}
