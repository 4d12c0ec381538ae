import { realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { runningArguments } from '../boot/index.ts';
import { errnoOf } from '../errors/index.ts';
import type { Sys } from '../sys/index.ts';

/** Where the store and the deployments are on a system that apt-layer booted, and on any other. */
const BOOTED_SYSROOT = '/sysroot';
const OTHER_SYSROOT = '/var/lib/apt-layer';

/** The sysroot when the user names none. */
export function defaultSysroot(sys: Pick<Sys, 'readFile'>): string {
  return bootedDeployment(runningArguments(sys)) === undefined ? OTHER_SYSROOT : BOOTED_SYSROOT;
}

/**
 * The absolute path of a directory that may not exist yet, without symbolic links: what is mounted below it is reached
 * through the namespace of another process, where an absolute link would lead out of it again.
 */
export function withoutLinks(path: string): string {
  const absolute = resolve(path);
  try {
    return realpathSync(absolute);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT' || absolute === '/') throw error;
    return join(withoutLinks(dirname(absolute)), basename(absolute));
  }
}

/** The deployment id that the kernel's arguments name, if any. */
export function bootedDeployment(kernelArguments: readonly string[]): string | undefined {
  for (const word of kernelArguments)
    if (word.startsWith('aptlayer.deployment=')) return word.slice(word.indexOf('=') + 1);
  return undefined;
}
