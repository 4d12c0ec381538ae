import { dirname } from 'node:path';
import { AptLayerError } from '../errors/index.ts';
import { ensureDirectory } from '../fs/index.ts';
import type { Host } from '../host/index.ts';
import { skopeo } from './skopeo.ts';

export interface Login {
  /** Host, with the port where it is not the usual one. */
  readonly registry: string;
  readonly user: string | undefined;
  /** Undefined has skopeo ask for what is missing on the terminal. */
  readonly password: string | undefined;
}

/**
 * Logs in to a registry, which is asked at once, and keeps name and password in a file of mode 0600 that verbs which reach registries look
 * into, also those that a timer starts. Returns the file.
 */
export async function logIn(host: Host, { registry, user, password }: Login): Promise<string> {
  const file = fileToWrite(host);
  const args = [
    ...['--authfile', file, ...tlsOption(host)],
    ...(user === undefined ? [] : ['--username', user]),
  ];
  if (password !== undefined) {
    const call = { verb: 'login', where: registry, stdin: password } as const;
    await skopeo(host, { ...call, args: [...args, '--password-stdin', registry] });
    return file;
  }
  const { environment } = host.registries;
  const code = await host.runner.interact({
    tool: 'skopeo',
    args: ['login', ...args, registry],
    env: environment,
  });
  if (code !== 0) throw new AptLayerError('NETWORK', `${registry}: not logged in`);
  return file;
}

/** Forgets name and password of a registry. NOT_FOUND where there are none. Returns the file that had them. */
export async function logOut(host: Host, registry: string): Promise<string> {
  const file = fileToWrite(host);
  const call = { verb: 'logout', where: registry, args: ['--authfile', file, registry] } as const;
  await skopeo(host, call);
  return file;
}

function fileToWrite(host: Host): string {
  const { authFile, machineAuthFiles } = host.registries;
  const file = authFile ?? machineAuthFiles[0];
  if (file === undefined) throw new AptLayerError('USAGE', 'name a file with --authfile');
  ensureDirectory(host.sys, dirname(file));
  return file;
}

function tlsOption({ registries }: Host): string[] {
  return registries.tlsVerify === undefined ? [] : [`--tls-verify=${registries.tlsVerify}`];
}
