import { dirname } from 'node:path';
import { assertVerity } from '../deployment/index.ts';
import { AptLayerError, withContext } from '../errors/index.ts';
import type { Host } from '../host/index.ts';
import { step } from '../report/index.ts';
import { bootPartuuid, writeGrub, writeSystemdBoot } from './boot-partitions.ts';
import { bootableEntry } from './bootable-entry.ts';
import { imageSize } from './copy-image.ts';
import { diskFile } from './disk-file.ts';
import { makeFileSystems, writeTable } from './format.ts';
import { fstabFor } from './fstab.ts';
import {
  type CheckedRequest,
  checkRequest,
  type Installed,
  type InstallRequest,
  installSystem,
} from './install-system.ts';
import { type HeldDisk, holdDisk, settleDisk } from './mounted-disk.ts';
import { type DiskPlan, type LoaderName, partitionOf, planPartitions } from './partition-plan.ts';
import { mebibytes } from './size.ts';
import { type BootProgram, findBootProgram } from './systemd-boot.ts';
import { type DiskTarget, inspectTarget } from './target.ts';
import { checkDiskTools, type RootFileSystem } from './tools.ts';
import { newUuid } from './uuid.ts';

export interface ToDiskRequest extends InstallRequest {
  readonly target: string;
  readonly sizeBytes: number | undefined;
  readonly wipe: boolean;
  readonly loader: LoaderName;
  readonly filesystem: RootFileSystem;
}

/** What is going to be done; everything that can be refused was. */
export interface ToDiskPlan {
  readonly checked: CheckedRequest;
  readonly target: DiskTarget;
  readonly disk: DiskPlan;
  readonly loader: LoaderName;
  readonly filesystem: RootFileSystem;
  /** Undefined for GRUB. */
  readonly program: BootProgram | undefined;
}

/** What a file system needs for itself: tables, journal, the records of deployments. */
const ROOT_SPARE_BYTES = 48 * 2 ** 20;
const ROOT_SPARE_FACTOR = 1.1;
const BIOS_SECTOR_BYTES = 512;
/** The smallest that mkfs makes. */
const ROOT_MIN_BYTES: Readonly<Record<RootFileSystem, number>> = {
  ext4: 0,
  btrfs: 128 * 2 ** 20,
  xfs: 300 * 2 ** 20,
};

/** Checks everything and decides how the disk is divided. Changes nothing. */
export async function planToDisk(host: Host, request: ToDiskRequest): Promise<ToDiskPlan> {
  const { loader, filesystem } = request;
  if (loader === 'grub' && host.architecture !== 'amd64')
    throw new AptLayerError('HOST_UNSUPPORTED', `there is no GRUB for disks of ${host.architecture} here`, {
      hint: 'use --bootloader systemd-boot',
    });
  const checked = checkRequest(host, request);
  checkDiskTools(host, { loader, filesystem, password: checked.settings.password !== undefined });
  const { store, tree, deployment, images } = checked.source;
  const { kernel, initrd } = bootableEntry(store, deployment, { arguments: [], verity: false });
  assertVerity(deployment, { verity: mayHaveVerity(host, filesystem) });
  const program = loader === 'systemd-boot' ? findBootProgram(host, store, tree) : undefined;
  const target = await inspectTarget(host, { ...request, path: request.target });
  if (loader === 'grub') refuseLargeSectors(target);
  const size = imageSize(store, images);
  refuseWithoutSpace(host, target, size.blockBytes + kernel.size + initrd.size);
  const disk = planPartitions({
    loader,
    diskBytes: target.sizeBytes,
    sectorBytes: target.sectorBytes,
    kernelBytes: kernel.size + initrd.size,
    rootBytes: Math.max(
      Math.ceil(size.blockBytes * ROOT_SPARE_FACTOR) + ROOT_SPARE_BYTES,
      ROOT_MIN_BYTES[filesystem],
    ),
    newUuid: () => newUuid(host),
  });
  return { checked, target, disk, loader, filesystem, program };
}

/**
 * Whether a file system that is made here can have fs-verity: its driver says which features this kernel gave it. Of a driver that is
 * not loaded nothing is known before the disk is formatted.
 */
function mayHaveVerity({ sys }: Host, filesystem: RootFileSystem): boolean {
  const features = `/sys/fs/${filesystem}/features`;
  if (filesystem === 'xfs') return false;
  return sys.lstatIfExists(features) === undefined || sys.lstatIfExists(`${features}/verity`) !== undefined;
}

/** No BIOS starts from such a disk. */
function refuseLargeSectors({ path, sectorBytes }: DiskTarget): void {
  if (sectorBytes === BIOS_SECTOR_BYTES) return;
  throw new AptLayerError(
    'FAILED',
    `${path} has sectors of ${sectorBytes} bytes, from which no BIOS starts`,
    {
      hint: 'use --bootloader systemd-boot',
    },
  );
}

/** A sparse file takes its room later: it must be there. */
function refuseWithoutSpace(host: Host, target: DiskTarget, needed: number): void {
  if (!target.create) return;
  const directory = dirname(target.path);
  const { availableBytes } = host.sys.space(directory);
  if (availableBytes < needed)
    throw new AptLayerError(
      'NO_SPACE',
      `${directory} has ${mebibytes(availableBytes)} available; ${target.path} takes at least ${mebibytes(needed)}`,
    );
}

/**
 * Makes a disk that boots the deployment. Everything on it is lost from the first step on; an error or a signal leaves no
 * mount, no loop device and no new file behind, only a disk that does not boot.
 */
export function installToDisk(host: Host, plan: ToDiskPlan): Promise<Installed> {
  const { target, disk } = plan;
  return withContext(`installing to ${target.path}`, () =>
    diskFile(host, target, async () => {
      await step(host.report, 'partition', `Partitioning ${target.path}`, () =>
        writeTable(host, target, disk),
      );
      const held = await holdDisk(host, target, disk);
      let installed: Installed;
      try {
        installed = await fill(host, plan, held);
        await step(host.report, 'sync', 'Writing everything to the disk', () => held.unmount());
      } finally {
        await held.release();
      }
      await settleDisk(host, target);
      return installed;
    }),
  );
}

async function fill(host: Host, plan: ToDiskPlan, held: HeldDisk): Promise<Installed> {
  const { checked, disk, target, loader, filesystem, program } = plan;
  await step(host.report, 'format', 'Making file systems', () =>
    makeFileSystems(host, held, { plan: disk, filesystem }),
  );
  return await installSystem(host, checked, {
    verb: 'install to-disk',
    path: await held.mount('root', 'root'),
    fstab: fstabFor(disk, loader),
    bootloader: {
      loader,
      boot: { partuuid: bootPartuuid(disk, loader) },
      arguments: [`root=UUID=${partitionOf(disk, 'root').uuid}`],
    },
    async writeBoot({ host: logged, workDirectory }, entry) {
      const work = { disk: held, target, plan: disk, entry, workDirectory };
      await step(logged.report, 'boot', `Installing ${loader}`, () =>
        program === undefined ? writeGrub(logged, work) : writeSystemdBoot(logged, work, program),
      );
    },
  });
}
