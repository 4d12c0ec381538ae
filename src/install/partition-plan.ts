import { AptLayerError } from '../errors/index.ts';
import { mebibytes } from './size.ts';

export type LoaderName = 'systemd-boot' | 'grub';
/** `bios`: where GRUB's core is for BIOS. `esp`: what UEFI reads. `boot`: what GRUB reads. */
export type PartitionRole = 'bios' | 'esp' | 'boot' | 'root';

/** One partition of a disk; its number is its place in the list, from 1. */
export interface Partition {
  readonly role: PartitionRole;
  readonly startBytes: number;
  readonly sizeBytes: number;
  /** PARTUUID, lower case. */
  readonly partuuid: string;
  /** Of the file system: a UUID, or for FAT eight hex digits. Not used for `bios`. */
  readonly uuid: string;
}

export interface DiskPlan {
  /** Of the partition table. */
  readonly uuid: string;
  readonly partitions: readonly Partition[];
}

export interface DiskNeeds {
  readonly loader: LoaderName;
  readonly diskBytes: number;
  /** Of a logical sector. */
  readonly sectorBytes: number;
  /** What the boot partition holds for one deployment: its kernel and its initramfs. */
  readonly kernelBytes: number;
  /** What the root file system must hold. */
  readonly rootBytes: number;
  readonly newUuid: () => string;
}

const MIB = 2 ** 20;
/** Before the first partition, and after the last one for the second copy of the table. */
const EDGE_BYTES = MIB;
/** Deployments whose kernels fit even on a small disk: running, next, and the one being written. */
const KERNELS = 3;
/** On disks below this size the boot partitions take an eighth instead of their usual sizes. */
const SMALL_DISK_BYTES = 4 * 1024 * MIB;
/** FAT32 has at least 65525 clusters, of one sector each where it is small; its tables come on top. */
const FAT_MIN_SECTORS = 80 * 1024;

const USUAL: Readonly<
  Record<LoaderName, readonly { role: PartitionRole; bytes: number; kernels: boolean }[]>
> = {
  'systemd-boot': [{ role: 'esp', bytes: 512 * MIB, kernels: true }],
  grub: [
    { role: 'bios', bytes: MIB, kernels: false },
    { role: 'esp', bytes: 128 * MIB, kernels: false },
    { role: 'boot', bytes: 768 * MIB, kernels: true },
  ],
};

/** Types as the UEFI and the discoverable partitions specifications name them. */
const TYPES: Readonly<Record<PartitionRole, string>> = {
  bios: '21686148-6449-6E6F-744E-656564454649',
  esp: 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B',
  boot: 'BC13C2FF-59E6-4262-A352-B275FD6F7172',
  root: '0FC63DAF-8483-4772-8E79-3D69D8477DE4',
};

/** Divides a disk: what the loader needs first, the rest for the root. NO_SPACE, with the numbers, when it is too small. */
export function planPartitions(needs: DiskNeeds): DiskPlan {
  const { diskBytes, rootBytes, newUuid } = needs;
  const before = USUAL[needs.loader].map(usual => ({
    role: usual.role,
    sizeBytes: partitionBytes(usual, needs),
  }));
  const taken = before.reduce((sum, { sizeBytes }) => sum + sizeBytes, 2 * EDGE_BYTES);
  const forRoot = Math.floor((diskBytes - taken) / MIB) * MIB;
  if (forRoot < rootBytes) throw tooSmall(needs, [...before, { role: 'root', sizeBytes: rootBytes }], taken);
  let startBytes = EDGE_BYTES;
  const partitions = [...before, { role: 'root' as const, sizeBytes: forRoot }].map(({ role, sizeBytes }) => {
    const partition = {
      role,
      startBytes,
      sizeBytes,
      partuuid: newUuid(),
      uuid: role === 'esp' ? newUuid().slice(0, 8) : newUuid(),
    };
    startBytes += sizeBytes;
    return partition;
  });
  return { uuid: newUuid(), partitions };
}

function partitionBytes(
  usual: { role: PartitionRole; bytes: number; kernels: boolean },
  { diskBytes, sectorBytes, kernelBytes }: DiskNeeds,
): number {
  if (usual.role === 'bios') return usual.bytes;
  // File systems of this size need some room for themselves.
  const least = Math.max(FAT_MIN_SECTORS * sectorBytes, usual.kernels ? KERNELS * kernelBytes + 16 * MIB : 0);
  const wanted = diskBytes < SMALL_DISK_BYTES ? Math.min(usual.bytes, diskBytes / 8) : usual.bytes;
  return Math.ceil(Math.max(least, wanted) / MIB) * MIB;
}

function tooSmall(
  { diskBytes, rootBytes }: DiskNeeds,
  parts: readonly { role: PartitionRole; sizeBytes: number }[],
  taken: number,
): AptLayerError {
  const needed = taken + Math.ceil(rootBytes / MIB) * MIB;
  const list = parts.map(({ role, sizeBytes }) => `${role} ${mebibytes(sizeBytes)}`).join(', ');
  return new AptLayerError(
    'NO_SPACE',
    `the disk has ${mebibytes(diskBytes)}; at least ${mebibytes(needed)} are needed (${list})`,
    {
      hint: 'take a larger disk, or a smaller system',
      details: { sizeBytes: diskBytes, neededBytes: needed },
    },
  );
}

/** What sfdisk(8) reads. */
export function sfdiskScript(plan: DiskPlan): string {
  const lines = plan.partitions.map(
    ({ role, startBytes, sizeBytes, partuuid }) =>
      `start=${startBytes / 1024}KiB, size=${sizeBytes / 1024}KiB, type=${TYPES[role]}, uuid=${partuuid}, name="${role}"`,
  );
  return ['label: gpt', `label-id: ${plan.uuid}`, ...lines, ''].join('\n');
}

/** The partition with a role that the plan must have. */
export function partitionOf(plan: DiskPlan, role: PartitionRole): Partition {
  const found = plan.partitions.find(partition => partition.role === role);
  if (found === undefined) throw new Error(`the plan has no ${role} partition`);
  return found;
}

/** The number of a partition, as GRUB and the kernel count. */
export function partitionNumber(plan: DiskPlan, role: PartitionRole): number {
  return plan.partitions.indexOf(partitionOf(plan, role)) + 1;
}
