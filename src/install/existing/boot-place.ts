import type { Bootloader } from '../../boot/index.ts';
import { AptLayerError } from '../../errors/index.ts';
import { readFileIfExists } from '../../fs/index.ts';
import type { Host } from '../../host/index.ts';
import { type MountedFileSystem, mountedOn } from '../mounted-target.ts';

/** The boot loader of a machine, and where it reads its entries. */
export interface BootPlace {
  readonly loader: Bootloader['loader'];
  readonly boot: Bootloader['boot'];
  /** Where that is mounted now. */
  readonly directory: string;
  /** What the loader has to put before paths in it. */
  readonly prefix: string;
}

const GRUB_CONFIG_MAX_BYTES = 4 * 1024 * 1024;
const MENU_HINT = 'the machine needs GRUB as Debian sets it up, or systemd-boot';

/** Finds what boots this machine. FAILED when it is neither GRUB that reads custom.cfg nor systemd-boot. */
export async function findBootPlace(host: Host, root: MountedFileSystem): Promise<BootPlace> {
  const systemdBoot = await findSystemdBoot(host);
  if (systemdBoot !== undefined) return systemdBoot;
  const config = readFileIfExists(host.sys, '/boot/grub/grub.cfg', GRUB_CONFIG_MAX_BYTES);
  if (config === undefined)
    throw new AptLayerError('FAILED', 'no boot loader was found: there is no /boot/grub/grub.cfg', {
      hint: MENU_HINT,
    });
  if (!config.includes('custom.cfg'))
    throw new AptLayerError('FAILED', 'GRUB does not read custom.cfg on this machine', {
      hint: 'make /etc/grub.d/41_custom executable and run `update-grub`',
    });
  const boot = await mountedOn(host, '/boot');
  if (boot === undefined) {
    if (root.root !== '/')
      throw new AptLayerError('FAILED', `/boot is on the subvolume ${root.root}`, {
        hint: 'a machine whose /boot is on a subvolume of btrfs cannot be converted yet; give /boot a partition',
      });
    return { loader: 'grub', boot: { path: '/boot' }, directory: '/boot', prefix: '/boot' };
  }
  return { loader: 'grub', boot: partitionOf(boot), directory: '/boot', prefix: '' };
}

/** On whichever directory its partition is mounted. */
async function findSystemdBoot(host: Host): Promise<BootPlace | undefined> {
  for (const directory of ['/efi', '/boot/efi', '/boot']) {
    if (host.sys.lstatIfExists(`${directory}/loader/entries`) === undefined) continue;
    if (host.sys.lstatIfExists(`${directory}/EFI/systemd`) === undefined) continue;
    const mounted = await mountedOn(host, directory);
    if (mounted?.type === 'vfat')
      return { loader: 'systemd-boot', boot: partitionOf(mounted), directory, prefix: '' };
  }
  return undefined;
}

function partitionOf({ directory, partuuid }: MountedFileSystem): Bootloader['boot'] {
  if (partuuid !== undefined) return { partuuid };
  throw new AptLayerError('FAILED', `what is mounted on ${directory} is no partition of a disk`, {
    hint: MENU_HINT,
  });
}
