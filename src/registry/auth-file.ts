import { readFileIfExists } from '../fs/index.ts';
import type { Host } from '../host/index.ts';

const AUTH_FILE_MAX_BYTES = 1024 * 1024;

/**
 * The file to name to skopeo: the one that was asked for, else one of the machine that knows this registry. Undefined where skopeo has
 * to look in the places of containers-auth.json(5) and of docker, with their credential helpers, by itself.
 */
export function authFileFor(host: Host, registry: string): string | undefined {
  const { authFile, machineAuthFiles } = host.registries;
  if (authFile !== undefined) return authFile;
  return machineAuthFiles.find(file =>
    knows(readFileIfExists(host.sys, file, AUTH_FILE_MAX_BYTES), registry),
  );
}

/** Whether a file has something of a registry: by its host, or by a part of its paths. One that is damaged knows none. */
export function knows(text: Buffer | undefined, registry: string): boolean {
  if (text === undefined) return false;
  let document: unknown;
  try {
    document = JSON.parse(text.toString('utf8'));
  } catch {
    return false;
  }
  const { auths, credHelpers } = document as { auths?: object; credHelpers?: object };
  const hosts = [...Object.keys(auths ?? {}), ...Object.keys(credHelpers ?? {})];
  return hosts.some(one => one === registry || one.startsWith(`${registry}/`));
}
