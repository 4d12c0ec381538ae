import { writeFileDurable } from '../fs/index.ts';
import type { Sys } from '../sys/index.ts';
import { statePaths } from '../transaction/index.ts';
import type { LoaderName } from './partition-plan.ts';

/** How a sysroot is booted. */
export interface BootloaderState {
  readonly loader: LoaderName;
  /** A partition, or a directory of the physical root file system. */
  readonly boot: { readonly partuuid: string } | { readonly path: string };
  /** By which each entry finds the sysroot. */
  readonly arguments: readonly string[];
  /** Whether entries may require fs-verity: the objects have it. */
  readonly verity: boolean;
}

/** Writes `state/bootloader.json`. Durable when it returns. */
export function writeBootloaderState(sys: Sys, sysroot: string, state: BootloaderState): void {
  const text = `${JSON.stringify({ version: 1, ...state }, undefined, 2)}\n`;
  writeFileDurable(sys, `${statePaths(sysroot).state}/bootloader.json`, text);
}
