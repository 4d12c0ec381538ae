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

/** A program that makes initramfs images. */
export type InitramfsMaker = 'initramfs-tools' | 'dracut';

/** What makes an image for whatever machine it is booted on; the module that mounts deployments is added where the system has it. */
const DRACUT = ['dracut', '--force', '--quiet', '--no-hostonly', '--reproducible'];

/** A kernel whose initramfs is made. */
export interface InitramfsJob {
  readonly version: string;
  /** No time in it is later. */
  readonly epochSeconds: number;
  readonly maker: InitramfsMaker;
  /** Modules of dracut to add. */
  readonly modules: readonly string[];
}

/** Makes `/boot/initrd.img-VERSION`. FAILED names the kernel. */
export function makeInitramfs(target: DpkgTarget, job: InitramfsJob): Promise<void> {
  const { host, scratch, onOutput } = target;
  const { version, epochSeconds, maker, modules } = job;
  const file = initramfsPath(version);
  const command =
    maker === 'dracut'
      ? [...DRACUT, ...modules.flatMap(name => ['--add', name]), file, version]
      : ['mkinitramfs', '-o', file, version];
  const environment = { SOURCE_DATE_EPOCH: String(epochSeconds) };
  return step(host.report, 'initramfs', `Making the initramfs of ${version} (${maker})`, async () => {
    await failing(target, () =>
      runInSandbox(host, scratch, { command, environment }, { onOutput, mergeOutput: true }),
    );
  });
}

/** The paths of what is in `/boot/initrd.img-VERSION`, absolute, where they do not contain line feeds. */
export async function listInitramfs(
  target: DpkgTarget,
  { version, maker }: Pick<InitramfsJob, 'version' | 'maker'>,
): Promise<string[]> {
  const { host, scratch, onOutput } = target;
  const command = [maker === 'dracut' ? 'lsinitrd' : 'lsinitramfs', initramfsPath(version)];
  const { stdout } = await failing(target, () => runInSandbox(host, scratch, { command }, { onOutput }));
  const lines = stdout.toString('latin1').split('\n');
  const names = maker === 'dracut' ? lines.flatMap(nameInListing) : lines;
  return names.filter(name => name !== '' && name !== '.').map(name => `/${name.replace(/^\.?\//, '')}`);
}

/** lsinitrd(1) lists as `ls -l` does. */
function nameInListing(line: string): string[] {
  const name =
    /^[-dlbcps][-rwxsStT]{9}\s+\d+ \S+\s+\S+\s+[\d, ]+ \w{3}\s+\d+\s+[\d:]+ (.*?)(?: -> .*)?$/.exec(
      line,
    )?.[1];
  return name === undefined ? [] : [name];
}

function initramfsPath(version: string): string {
  return `/boot/initrd.img-${version}`;
}
