import { dirname } from 'node:path';
import { AptLayerError } from '../../errors/index.ts';
import type { Host } from '../../host/index.ts';
import type { Sysroot } from '../../transaction/index.ts';
import { type MountedFileSystem, mountedOn } from '../mounted-target.ts';

/** A file system that is found again by its UUID. */
export interface NamedFileSystem extends MountedFileSystem {
  readonly uuid: string;
}

/** What of a machine's file systems a conversion works with. */
export interface MachineFileSystems {
  /** Of `/`, with the sysroot in it. */
  readonly root: NamedFileSystem;
  /** Of `/var`, where it is one of its own. */
  readonly var: NamedFileSystem | undefined;
}

const ROOT_TYPES = ['ext4', 'btrfs', 'xfs'];
/** Where the sysroot of a machine can be whose /var is not on its root file system. */
const OTHER_SYSROOT = '/apt-layer';

/** Looks at where a machine has its files. FAILED, with what can be done, where no deployment could be booted from that. */
export async function findFileSystems({ host, sysroot }: Sysroot): Promise<MachineFileSystems> {
  const root = await mountedOn(host, '/');
  const { uuid, type = 'nothing' } = root ?? {};
  if (root === undefined || uuid === undefined || !ROOT_TYPES.includes(type))
    throw new AptLayerError('FAILED', `the root file system is ${type}, from which no deployment is booted`, {
      hint: `it has to be one of ${ROOT_TYPES.join(', ')}, with a UUID`,
    });
  const device = (path: string) => host.sys.lstat(path).dev;
  if (device('/var/lib') !== device('/var'))
    throw new AptLayerError('FAILED', '/var/lib is on a file system of its own', {
      hint: 'a machine with /var/lib apart from /var cannot be converted',
    });
  const own = device('/var') === device('/') ? undefined : await findVar(host);
  if (device(existing(host, sysroot)) !== device('/'))
    throw new AptLayerError('FAILED', `the sysroot ${sysroot} would not be on the root file system`, {
      hint: `name another one, now and with --undo: \`apt-layer --sysroot ${OTHER_SYSROOT} install to-existing-root\``,
    });
  if (own !== undefined) assertRoom(host);
  return { root: { ...root, uuid }, var: own };
}

async function findVar(host: Host): Promise<NamedFileSystem> {
  const found = await mountedOn(host, '/var');
  if (found?.uuid === undefined)
    throw new AptLayerError('FAILED', '/var is on a file system without a UUID', {
      hint: 'a machine whose /var is no file system of a disk cannot be converted',
    });
  return { ...found, uuid: found.uuid };
}

/** The path itself, or the nearest directory above it that is there. */
function existing(host: Host, path: string): string {
  return host.sys.lstatIfExists(path) === undefined ? existing(host, dirname(path)) : path;
}

/** What is in /var is copied to the root file system when the deployment boots for the first time. */
function assertRoom({ sys }: Host): void {
  const { totalBytes, availableBytes } = sys.space('/var');
  const [used, free] = [totalBytes - availableBytes, sys.space('/').availableBytes];
  if (used <= free) return;
  const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
  throw new AptLayerError(
    'FAILED',
    `/var has ${gigabytes(used)}, the root file system ${gigabytes(free)} free`,
    {
      hint: 'what is in /var is copied to the root file system: make room there, or leave less in /var',
      details: { usedBytes: used, freeBytes: free },
    },
  );
}
