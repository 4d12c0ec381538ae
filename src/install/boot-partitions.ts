import { type LoaderEntry, openLoader } from '../boot/index.ts';
import { ensureDirectory, syncFileSystem } from '../fs/index.ts';
import type { Host } from '../host/index.ts';
import { copyToFat } from './fat.ts';
import { embedGrub, makeGrubCore, writeGrubConfig, writeGrubModules } from './grub.ts';
import { serialConsole } from './kernel-arguments.ts';
import type { HeldDisk } from './mounted-disk.ts';
import { writeNew } from './new-file.ts';
import { type DiskPlan, type LoaderName, partitionOf } from './partition-plan.ts';
import { type BootProgram, writeBootProgram } from './systemd-boot.ts';
import type { DiskTarget } from './target.ts';

/** What the boot partitions of a new disk get. */
export interface BootWork {
  readonly disk: HeldDisk;
  readonly target: DiskTarget;
  readonly plan: DiskPlan;
  readonly entry: LoaderEntry;
  /** An empty directory for what is put together before it is copied. */
  readonly workDirectory: string;
}

/** UEFI starts this from a disk that it has no entry for. */
const FALLBACK = 'EFI/BOOT/BOOTX64.EFI';

/** The partition that the loader's entries are on. */
export function bootPartuuid(plan: DiskPlan, loader: LoaderName): string {
  return partitionOf(plan, loader === 'grub' ? 'boot' : 'esp').partuuid;
}

/** systemd-boot, its entry and the kernel, all on the ESP. */
export async function writeSystemdBoot(host: Host, work: BootWork, program: BootProgram): Promise<void> {
  const staging = `${work.workDirectory}/esp`;
  ensureDirectory(host.sys, staging, 0o700);
  writeBootProgram(host, staging, program);
  openLoader(host.sys, 'systemd-boot', staging, { bootPrefix: '' }).write([work.entry], undefined);
  await copyToFat(host, staging, work.disk.device('esp'));
}

/** GRUB, its entry and the kernel on the boot partition; its core on the ESP and in the BIOS boot partition. */
export async function writeGrub(host: Host, work: BootWork): Promise<void> {
  const { disk, plan, workDirectory } = work;
  const boot = await disk.mount('boot', 'boot');
  writeGrubConfig(host, boot, serialConsole(work.entry.arguments));
  writeGrubModules(host, boot);
  ensureDirectory(host.sys, `${boot}/efi`, 0o700);
  openLoader(host.sys, 'grub', boot, { bootPrefix: '' }).write([work.entry], undefined);
  syncFileSystem(host.sys, boot);

  const from = { directory: `${workDirectory}/grub`, bootUuid: partitionOf(plan, 'boot').uuid };
  const staging = `${workDirectory}/esp`;
  ensureDirectory(host.sys, `${staging}/EFI/BOOT`);
  writeNew(host, `${staging}/${FALLBACK}`, await makeGrubCore(host, 'x86_64-efi', from));
  await copyToFat(host, staging, disk.device('esp'));
  const core = await makeGrubCore(host, 'i386-pc', from);
  await embedGrub(host, work.target, { plan, core, biosDevice: disk.device('bios') });
}
