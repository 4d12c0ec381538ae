import { AptLayerError } from '../errors/index.ts';
import { toText } from '../formats/bytes/index.ts';
import { ensureDirectory } from '../fs/index.ts';
import type { Host } from '../host/index.ts';
import { log } from '../report/index.ts';
import type { DiskPlan, PartitionRole } from './partition-plan.ts';
import type { DiskTarget } from './target.ts';

/**
 * The partitions of a disk, each as a loop device, and a mount namespace for them. The loop devices do not need the
 * kernel to know the partition table, nor udev; they and the mounts vanish with the process that holds them, however
 * it and this program end.
 */
export interface HeldDisk {
  /** The block device of a partition. */
  device(role: PartitionRole): string;
  /** Mounts a partition where no other process sees it. Returns the path by which this process reaches it. */
  mount(role: PartitionRole, name: string): Promise<string>;
  /** Unmounts everything, so that all of it is on the disk; an error says that it is not. */
  unmount(): Promise<void>;
  release(): Promise<void>;
}

// Arguments: the disk, the sector size, then offset and size of each partition. A loop device that is detached while it is
// open goes when the last one closes it: here with this process, which holds it as descriptor 3 and up.
const HOLD_SCRIPT = `set -eu
disk=$1 sector=$2
shift 2
fd=3
while [ $# -gt 0 ]; do
  loop=$(losetup --find --show --sector-size "$sector" --offset "$1" --sizelimit "$2" "$disk")
  eval "exec $fd<>\\"\\$loop\\""
  losetup --detach "$loop"
  fd=$((fd + 1))
  shift 2
done
echo ready
exec cat >/dev/null`;

const FIRST_DESCRIPTOR = 3;

/** Attaches the partitions. The table must be written already, or not matter. */
export async function holdDisk(host: Host, target: DiskTarget, plan: DiskPlan): Promise<HeldDisk> {
  const ranges = plan.partitions.flatMap(one => [`${one.startBytes}`, `${one.sizeBytes}`]);
  const held = await host.runner
    .hold({
      tool: 'setpriv',
      args: [
        ...['--pdeathsig', 'KILL', 'unshare', '--mount', '--propagation', 'private'],
        ...['sh', '-c', HOLD_SCRIPT, 'sh', target.path, `${target.sectorBytes}`, ...ranges],
      ],
    })
    .catch((error: unknown) => {
      throw explainLoop(error);
    });
  const directory = `${host.runDirectory}/install-${process.pid}-${host.random(4).toString('hex')}`;
  const mounted: string[] = [];
  const device = (role: PartitionRole) => {
    const index = plan.partitions.findIndex(partition => partition.role === role);
    return toText(host.sys.readlink(`/proc/${held.pid}/fd/${FIRST_DESCRIPTOR + index}`));
  };
  const inside = (tool: string, ...args: readonly string[]) =>
    host.runner.run({ tool: 'nsenter', args: [`--mount=/proc/${held.pid}/ns/mnt`, '--', tool, ...args] });
  return {
    device,
    async mount(role, name) {
      const point = `${directory}/${name}`;
      ensureDirectory(host.sys, point, 0o700);
      await inside('mount', device(role), point);
      mounted.unshift(point);
      return `/proc/${held.pid}/root${point}`;
    },
    async unmount() {
      for (const point of mounted.splice(0)) {
        await inside('umount', point);
        host.sys.rmdir(point);
      }
    },
    async release() {
      await held.release();
      removePoints(host, directory);
    },
  };
}

/** The mounts were never seen here, so the directories are empty. */
function removePoints(host: Host, directory: string): void {
  if (host.sys.lstatIfExists(directory) === undefined) return;
  for (const name of host.sys.readdir(directory)) host.sys.rmdir(`${directory}/${toText(name)}`);
  host.sys.rmdir(directory);
}

function explainLoop(error: unknown): unknown {
  if (!(error instanceof AptLayerError) || error.code !== 'COMMAND_FAILED') return error;
  if (!/loop/.test(error.message)) return error;
  return new AptLayerError('HOST_UNSUPPORTED', 'the host has no free loop device for the partitions', {
    hint: 'try `modprobe loop`, or detach loop devices that nobody needs (`losetup --list`)',
    cause: error,
  });
}

/** Has everything written to the disk itself, and the kernel read its new partition table. */
export async function settleDisk(host: Host, target: DiskTarget): Promise<void> {
  const fd = host.sys.openRead(target.path);
  try {
    host.sys.fsync(fd);
  } finally {
    host.sys.close(fd);
  }
  if (target.kind === 'file') return;
  const { exitCode } = await host.runner.run(
    { tool: 'blockdev', args: ['--rereadpt', target.path] },
    { okCodes: [0, 1] },
  );
  if (exitCode !== 0)
    log(
      host.report,
      'warning',
      `the kernel does not see the partitions of ${target.path} until it is attached anew`,
    );
}
