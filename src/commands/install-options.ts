import { resolve } from 'node:path';
import type { App } from '../app/index.ts';
import { type MachineRequest, readSettingsFile, type SettingsFile } from '../install/index.ts';
import type { ParsedArgs } from './args.ts';

const NO_SETTINGS: SettingsFile = { machine: {}, kernelArguments: [] };

/** What the verbs for installing have in common. An option comes before what `--settings` says. */
export function installRequest(app: App, args: ParsedArgs) {
  const path = args.option('settings');
  const file = path === undefined ? NO_SETTINGS : readSettingsFile(app.host, resolve(path));
  const given = file.machine;
  const machine: MachineRequest = {
    hostname: args.option('hostname') ?? given.hostname,
    user: args.option('user') ?? given.user,
    passwordFile: args.option('password-file') ?? given.passwordFile,
    sshKeyFile: args.option('ssh-key') ?? given.sshKeyFile,
    rootSshKeyFile: args.option('root-ssh-key') ?? given.rootSshKeyFile,
    locale: args.option('locale') ?? given.locale,
    timezone: args.option('timezone') ?? given.timezone,
  };
  return {
    sysroot: app.sysroot,
    deployment: args.option('deployment'),
    kernelArguments: [...file.kernelArguments, ...args.optionList('karg')],
    machine,
    commandLine: app.commandLine,
  };
}
