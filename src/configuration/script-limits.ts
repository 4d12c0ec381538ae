import { CONFIGURATION_FILE, type Host, type ScriptLimits } from '../host/index.ts';
import { readConfiguration } from './file.ts';
import { invalidSetting, partOf, sizeOf, timeOf } from './values.ts';

const DEFAULTS = { idle: '30m', processes: 4096, memory: '90%' };
/** What starts a script needs some itself. */
const PROCESSES_MIN = 64;
const PROCESSES_MAX = 4_194_304;
const MEMORY_MIN_BYTES = 64 * 1024 * 1024;
/** setTimeout takes no more; three weeks. */
const IDLE_MAX_MS = 2 ** 31 - 1;

/**
 * `script-idle-time`, `script-processes` and `script-memory` of a machine's configuration. CONFIG_INVALID names the key and what it
 * takes.
 */
export function readScriptLimits(host: Pick<Host, 'sys'>, path = CONFIGURATION_FILE): ScriptLimits {
  const settings = readConfiguration(host, path);
  const fail = (key: string, hint: string) => {
    throw invalidSetting(path, key, settings[key], hint);
  };
  const idle = settings['script-idle-time'] ?? DEFAULTS.idle;
  const idleMs = idle === 0 ? 0 : timeOf(String(idle));
  if (idleMs === undefined || idleMs > IDLE_MAX_MS)
    return fail('script-idle-time', 'write a time, such as 30m or 2h, or 0 for none');
  const processes = settings['script-processes'] ?? DEFAULTS.processes;
  if (!Number.isInteger(processes) || Number(processes) < PROCESSES_MIN || Number(processes) > PROCESSES_MAX)
    return fail('script-processes', `write a whole number from ${PROCESSES_MIN} on, such as 4096`);
  const memory = String(settings['script-memory'] ?? DEFAULTS.memory);
  const part = partOf(memory);
  const bytes = sizeOf(memory);
  if (part === undefined ? bytes === undefined || bytes < MEMORY_MIN_BYTES : part < 0.01)
    return fail(
      'script-memory',
      'write a size from 64M on, such as 4G, or a part of the free memory, such as 90%',
    );
  return {
    idleMs,
    processes: Number(processes),
    memory: part === undefined ? { bytes: bytes ?? 0 } : { part },
  };
}
