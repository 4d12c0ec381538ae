import type { MountedTarget } from './mounted-target.ts';
import { type DiskPlan, type LoaderName, partitionOf } from './partition-plan.ts';

const HEADER = [
  '# Written by apt-layer when it installed this system. The root file system, /etc and /var are mounted before this',
  '# file is read.',
];

/** A FAT partition shows no owners: nobody but root may look into it. It may be missing without stopping the boot. */
const FAT_OPTIONS = 'umask=0077,nofail';

/** The lines for the boot partitions of a new disk. */
export function fstabFor(plan: DiskPlan, loader: LoaderName): string {
  const esp = `PARTUUID=${partitionOf(plan, 'esp').partuuid}`;
  const lines =
    loader === 'systemd-boot'
      ? [`${esp} /boot vfat ${FAT_OPTIONS} 0 2`]
      : [
          `PARTUUID=${partitionOf(plan, 'boot').partuuid} /boot ext4 nofail 0 2`,
          `${esp} /boot/efi vfat ${FAT_OPTIONS} 0 2`,
        ];
  return [...HEADER, ...lines, ''].join('\n');
}

/** The configuration with other lines after those of the image, which has none as a rule. */
export function appendedFstab(present: string, added: string): string {
  const kept = present
    .split('\n')
    .filter(line => line.trim() !== '' && !/^\s*# UNCONFIGURED FSTAB/.test(line));
  return kept.length === 0 ? added : `${kept.join('\n')}\n${added}`;
}

/** The lines for what is mounted below a root file system that is installed to. */
export function mountedFstab({ boot, efi, directory }: MountedTarget): string {
  const lines = [boot, efi].flatMap(mounted => {
    if (mounted === undefined) return [];
    const source =
      mounted.partuuid === undefined ? `UUID=${mounted.uuid ?? ''}` : `PARTUUID=${mounted.partuuid}`;
    const options = mounted.type === 'vfat' ? FAT_OPTIONS : 'nofail';
    return [`${source} ${mounted.directory.slice(directory.length)} ${mounted.type} ${options} 0 2`];
  });
  return lines.length === 0 ? '' : [...HEADER, ...lines, ''].join('\n');
}
