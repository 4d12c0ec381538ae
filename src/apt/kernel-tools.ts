import type { Bind } from '../sandbox/index.ts';
import { writeForSandbox } from '../sandbox/index.ts';
import type { DpkgTarget } from './target.ts';

/**
 * What kernel packages and their hooks run to make initramfs images and boot loader entries. While an image is built the
 * first is done once at the end, and the second by whoever boots it.
 */
const TOOLS = [
  '/usr/sbin/update-initramfs',
  '/usr/bin/dracut',
  '/usr/sbin/update-grub',
  '/usr/sbin/update-grub2',
  '/usr/sbin/grub-install',
  '/usr/sbin/grub-mkconfig',
  '/usr/bin/kernel-install',
  '/usr/bin/bootctl',
];

const STUB = '#!/bin/sh\n# Not while an image is built.\nexit 0\n';

/** Puts a program that does nothing over each of these that the system has. Nothing of it gets into the image. */
export function kernelToolStubs(target: DpkgTarget, has: (path: string) => boolean): Bind[] {
  const source = `${target.workDirectory}/kernel-tool-stub`;
  writeForSandbox(target.host.sys, source, { bytes: Buffer.from(STUB), mode: 0o755 });
  return TOOLS.filter(has).map(path => ({ source, target: path }));
}
