import type { Host } from '../host/index.ts';
import type { BootDriver } from './driver.ts';
import { noBootLoader } from './none.ts';

export type { BootDriver } from './driver.ts';

/** The driver that this sysroot boots by. */
export function openBootDriver(host: Host, sysroot: string): BootDriver {
  return noBootLoader(host.sys, sysroot);
}
