import type { Sys } from '../../sys/index.ts';
import { grub } from './grub.ts';
import type { Loader, LoaderOptions } from './model.ts';
import { systemdBoot } from './systemd-boot.ts';

export type { KernelFile, Loader, LoaderEntry, LoaderState } from './model.ts';

/** The loader whose boot directory is mounted at `directory`. */
export function openLoader(
  sys: Sys,
  name: Loader['name'],
  directory: string,
  options: LoaderOptions,
): Loader {
  return name === 'grub' ? grub(sys, directory, options) : systemdBoot(sys, directory, options);
}
