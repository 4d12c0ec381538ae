import { errnoOf } from '../errors/index.ts';
import type { Sys } from '../sys/index.ts';

/**
 * The words of the command line that the kernel runs with; what is in double quotes stays together. None where there is no /proc, as
 * in a container that builds: then nothing was booted there by us.
 */
export function runningArguments(sys: Pick<Sys, 'readFile'>): string[] {
  try {
    return argumentsOf(sys.readFile('/proc/cmdline').toString('utf8'));
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  }
}

/** The words of a command line, as the kernel splits it. */
function argumentsOf(cmdline: string): string[] {
  return cmdline.match(/(?:[^\s"]|"[^"]*"?)+/g) ?? [];
}
