import { dirname, resolve } from 'node:path';
import { AptLayerError } from '../errors/index.ts';
import { readFileBytes } from '../fs/index.ts';
import type { Host } from '../host/index.ts';
import type { MachineRequest } from './machine.ts';

/** What a file may say instead of options. */
export interface SettingsFile {
  readonly machine: Partial<MachineRequest>;
  readonly kernelArguments: readonly string[];
}

const FILE_MAX_BYTES = 64 * 1024;

/** The names of the options; true where the value is a path. */
const KEYS: Readonly<Record<string, { readonly field: keyof MachineRequest; readonly isPath: boolean }>> = {
  hostname: { field: 'hostname', isPath: false },
  user: { field: 'user', isPath: false },
  'password-file': { field: 'passwordFile', isPath: true },
  'ssh-key': { field: 'sshKeyFile', isPath: true },
  'root-ssh-key': { field: 'rootSshKeyFile', isPath: true },
  locale: { field: 'locale', isPath: false },
  timezone: { field: 'timezone', isPath: false },
};
const KERNEL_ARGUMENT = 'karg';

/** Reads the settings of a machine from a file; paths in it start at its directory. CONFIG_INVALID says which line is wrong. */
export function readSettingsFile(host: Pick<Host, 'sys'>, path: string): SettingsFile {
  return parseSettings(readFileBytes(host.sys, path, FILE_MAX_BYTES).toString('utf8'), path);
}

/**
 * A line for each setting, `NAME=VALUE`, with the names of the options; `karg` as often as wanted. Empty lines and those that begin with `#` say
 * nothing. `path` is absolute.
 */
export function parseSettings(text: string, path: string): SettingsFile {
  const machine: Partial<Record<keyof MachineRequest, string>> = {};
  const kernelArguments: string[] = [];
  for (const [index, content] of text.split(/\r?\n/).entries()) {
    const line = content.trim();
    if (line === '' || line.startsWith('#')) continue;
    const wrong = (reason: string) =>
      new AptLayerError('CONFIG_INVALID', `${path}:${index + 1}: ${reason}`, {
        hint: `a line is NAME=VALUE with one of ${[...Object.keys(KEYS), KERNEL_ARGUMENT].join(', ')}`,
      });
    const [, name = '', value = ''] = /^([a-z-]+)\s*=\s*(.*)$/.exec(line) ?? [];
    if (name === '') throw wrong('it is no setting');
    if (value === '') throw wrong(`${name} has no value`);
    if (name === KERNEL_ARGUMENT) {
      kernelArguments.push(value);
      continue;
    }
    const key = Object.hasOwn(KEYS, name) ? KEYS[name] : undefined;
    if (key === undefined) throw wrong(`there is no setting ${JSON.stringify(name)}`);
    if (machine[key.field] !== undefined) throw wrong(`${name} is said twice`);
    machine[key.field] = key.isPath ? resolve(dirname(path), value) : value;
  }
  return { machine, kernelArguments };
}
