import { AptLayerError } from '../errors/index.ts';
import { ensureDirectory } from '../fs/index.ts';
import type { Sysroot, Transaction } from '../transaction/index.ts';
import { withBootLock } from './boot-lock.ts';
import type { Bootloader } from './bootloader-file.ts';

/** The boot directory while it can be written to. */
export interface BootDirectory {
  readonly path: string;
  /** What the loader has to put before paths in it: empty on a partition of its own. */
  readonly prefix: string;
}

/**
 * Gives `action` the directory that the boot loader reads, mounted for it when it is a partition. The mount is seen by this
 * process's mount namespace only as long as it takes.
 */
export async function withBootDirectory<T>(
  at: Sysroot,
  bootloader: Bootloader,
  action: (directory: BootDirectory) => T | Promise<T>,
): Promise<T> {
  const { host } = at;
  const { boot } = bootloader;
  if ('path' in boot) {
    const path = `${physicalRoot(at, bootloader)}${boot.path}`;
    return await action({ path, prefix: boot.path });
  }
  const device = `/dev/disk/by-partuuid/${boot.partuuid.toLowerCase()}`;
  if (host.sys.lstatIfExists(device) === undefined)
    throw new AptLayerError('NOT_FOUND', `the boot partition ${boot.partuuid} is not there`, {
      hint: `${device} does not exist: is its disk attached? state/bootloader.json names it`,
    });
  const path = `${host.runDirectory}/boot-${process.pid}-${host.random(4).toString('hex')}`;
  ensureDirectory(host.sys, path, 0o700);
  try {
    await host.runner.run({ tool: 'mount', args: [device, path] });
    try {
      return await action({ path, prefix: '' });
    } finally {
      await host.runner.run({ tool: 'umount', args: [path] });
    }
  } finally {
    host.sys.rmdir(path);
  }
}

/**
 * The same for who changes what is there: one at a time, since two sysroots may have one boot directory, each with a lock of its own. That of the
 * sysroot is taken before, and nobody who has this one waits for another. LOCKED when somebody else has it for two minutes.
 */
export async function changeBootDirectory<T>(
  transaction: Transaction,
  bootloader: Bootloader,
  action: (directory: BootDirectory) => T,
): Promise<T> {
  return await withBootDirectory(transaction, bootloader, directory =>
    withBootLock(transaction.host, directory.path, () => action(directory)),
  );
}

/** The root directory of the file system that the sysroot is on: the sysroot itself, but for machines converted in place. */
function physicalRoot({ host, sysroot }: Sysroot, bootloader: Bootloader): string {
  const argument = bootloader.arguments.find(word => word.startsWith('aptlayer.sysroot='));
  const below = argument?.slice(argument.indexOf('=') + 1);
  if (below === undefined || below === '/') return sysroot;
  return sysroot.endsWith(below) ? sysroot.slice(0, -below.length) : `${host.runDirectory}/physical`;
}
