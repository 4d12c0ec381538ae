import { realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { runningArguments } from '../boot/index.ts';
import { AptLayerError, errnoOf } from '../errors/index.ts';
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

/** The sysroot at a path, as `withoutLinks` has it; it may not exist yet. NOT_FOUND when something else than a directory is there. */
export function sysrootAt(path: string): string {
  const found = withoutLinks(path);
  if (statSync(found, { throwIfNoEntry: false })?.isDirectory() === false)
    throw new AptLayerError('NOT_FOUND', `${found} is no directory, so it cannot be a sysroot`, {
      hint: 'give another one with --sysroot or APT_LAYER_SYSROOT',
    });
  return found;
}

/** The deployment id that the kernel's arguments name, if any. */
export function bootedDeployment(kernelArguments: readonly string[]): string | undefined {
  for (const word of kernelArguments)
    if (word.startsWith('aptlayer.deployment=')) return word.slice(word.indexOf('=') + 1);
  return undefined;
}
