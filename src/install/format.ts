import type { Host } from '../host/index.ts';
import type { HeldDisk } from './mounted-disk.ts';
import { type DiskPlan, type Partition, partitionOf, sfdiskScript } from './partition-plan.ts';
import type { DiskTarget } from './target.ts';
import type { RootFileSystem } from './tools.ts';

/** Writes the partition table and removes what was there before. From here on the old content of the disk is lost. */
export async function writeTable(host: Host, target: DiskTarget, plan: DiskPlan): Promise<void> {
  await host.runner.run({
    tool: 'sfdisk',
    args: [
      ...['--quiet', '--wipe', 'always', '--wipe-partitions', 'always', '--no-reread', '--no-tell-kernel'],
      ...['--', target.path],
    ],
    stdin: sfdiskScript(plan),
  });
}

/** Makes the file systems, with the identifiers of the plan. */
export async function makeFileSystems(
  host: Host,
  disk: HeldDisk,
  made: { readonly plan: DiskPlan; readonly filesystem: RootFileSystem },
): Promise<void> {
  const { plan, filesystem } = made;
  for (const { role } of plan.partitions) {
    if (role === 'bios') continue;
    const partition = partitionOf(plan, role);
    const device = disk.device(role);
    if (role === 'esp') await makeFat(host, device, partition);
    else await makeFileSystem(host, device, { partition, kind: role === 'root' ? filesystem : 'ext4' });
  }
}

/** FAT32 even where it is small: firmware need not read another FAT on a disk. */
async function makeFat(host: Host, device: string, { uuid }: Partition): Promise<void> {
  await host.runner.run({ tool: 'mkfs.fat', args: ['-F', '32', '-n', 'ESP', '-i', uuid, device] });
}

/** Labels are for people; what boots goes by UUID. */
async function makeFileSystem(
  host: Host,
  device: string,
  { partition, kind }: { readonly partition: Partition; readonly kind: RootFileSystem },
): Promise<void> {
  const { uuid, role } = partition;
  // GRUB reads the boot partition: it gets no feature that an older GRUB does not know.
  const features = role === 'boot' ? '^metadata_csum_seed,^orphan_file' : 'verity';
  const args: Readonly<Record<RootFileSystem, readonly string[]>> = {
    ext4: ['-q', '-F', '-b', '4096', '-O', features, '-L', role, '-U', uuid],
    btrfs: ['-q', '-f', '-L', role, '-U', uuid],
    xfs: ['-q', '-f', '-L', role, '-m', `uuid=${uuid},reflink=1`],
  };
  await host.runner.run({ tool: `mkfs.${kind}`, args: [...args[kind], device] });
}
