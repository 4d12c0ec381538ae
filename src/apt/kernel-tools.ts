import { step } from '../report/index.ts';
import { type Bind, runInSandbox } from '../sandbox/index.ts';
import { failing } from './failing.ts';
import { writeForSandbox } from './sandbox-file.ts';
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

/** Makes `/boot/initrd.img-VERSION`. No time in it is later than `epochSeconds`. FAILED names the kernel. */
export function makeInitramfs(
  target: DpkgTarget,
  kernel: { readonly version: string; readonly epochSeconds: number },
): Promise<void> {
  const { host, scratch, onOutput } = target;
  const { version, epochSeconds } = kernel;
  const command = ['mkinitramfs', '-o', `/boot/initrd.img-${version}`, version];
  const environment = { SOURCE_DATE_EPOCH: String(epochSeconds) };
  return step(host.report, 'initramfs', `Making the initramfs of ${version}`, async () => {
    await failing(target, () =>
      runInSandbox(host, scratch, { command, environment }, { onOutput, mergeOutput: true }),
    );
  });
}

/** The paths of what is in `/boot/initrd.img-VERSION`, absolute, where they do not contain line feeds. */
export async function listInitramfs(target: DpkgTarget, version: string): Promise<string[]> {
  const { host, scratch, onOutput } = target;
  const command = ['lsinitramfs', `/boot/initrd.img-${version}`];
  const { stdout } = await failing(target, () => runInSandbox(host, scratch, { command }, { onOutput }));
  const names = stdout.toString('latin1').split('\n');
  return names.filter(name => name !== '' && name !== '.').map(name => `/${name.replace(/^\.?\//, '')}`);
}
