import type { App } from '../app/index.ts';
import type { MachineRequest } from '../install/index.ts';
import type { ParsedArgs } from './args.ts';

/** What the verbs for installing have in common. */
export function installRequest(app: App, args: ParsedArgs) {
  const machine: MachineRequest = {
    hostname: args.option('hostname'),
    user: args.option('user'),
    passwordFile: args.option('password-file'),
    sshKeyFile: args.option('ssh-key'),
    rootSshKeyFile: args.option('root-ssh-key'),
    locale: args.option('locale'),
    timezone: args.option('timezone'),
  };
  return {
    sysroot: app.sysroot,
    deployment: args.option('deployment'),
    kernelArguments: args.optionList('karg'),
    machine,
    commandLine: app.commandLine,
  };
}
