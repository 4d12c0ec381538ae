import fs from 'node:fs';
import path from 'node:path';
import { must } from '../../support/command.ts';
import { aptLayerMust } from '../../support/program.ts';
import type { TemporaryDirectory } from '../../support/temporary.ts';
import { machineSpec } from './machine-spec.ts';

/** A small Debian with a kernel and the package of this checkout, on a disk without a boot loader. */
export interface System {
  /** Raw, one ext4 that can have fs-verity: the sysroot. Never started from itself: see `overlay`. */
  readonly disk: string;
  readonly kernel: string;
  readonly initrd: string;
  readonly deployment: string;
  /** Digest of its image, in hex. */
  readonly image: string;
}

const FILE_SYSTEM_LABEL = 'sysroot';
/** Finds the disk of a `System`; the console is the serial port. */
export const SYSTEM_ARGUMENTS = `root=LABEL=${FILE_SYSTEM_LABEL} console=ttyS0`;

/** Builds it below `work`. `prepare` may add to the sysroot before it becomes a disk; `layers` are more packages. */
export async function buildSystem(
  work: TemporaryDirectory,
  prepare: (sysroot: string, system: Pick<System, 'deployment' | 'image'>) => void = () => undefined,
  layers: readonly string[] = [],
): Promise<System> {
  const sysroot = work.join('sysroot');
  await aptLayerMust(sysroot, ['compose', 'tree', await machineSpec(work, { layers })]);
  const status = (await aptLayerMust(sysroot, ['--json', 'status'])).json() as {
    deployments: { id: string; checksum: string }[];
  };
  const made = status.deployments[0];
  if (made === undefined) throw new Error('compose tree made no deployment');
  const [kernel, initrd] = await bootFiles(work, sysroot);
  // Half of the disk, and nothing that boots.
  fs.rmSync(path.join(sysroot, 'cache'), { recursive: true });
  const system = { kernel, initrd, deployment: made.id, image: made.checksum, disk: work.join('disk.img') };
  prepare(sysroot, system);
  const options = ['-q', '-F', '-O', 'verity', '-b', '4096', '-L', FILE_SYSTEM_LABEL, '-d', sysroot];
  await must('mkfs.ext4', [...options, system.disk, '2G']);
  return system;
}

/** A new disk whose changes leave `base` alone; the machine may `save` its state in it. */
export async function overlay(base: string, file: string): Promise<string> {
  const format = base.endsWith('.qcow2') ? 'qcow2' : 'raw';
  await must('qemu-img', ['create', '-q', '-f', 'qcow2', '-b', base, '-F', format, file]);
  return file;
}

async function bootFiles(work: TemporaryDirectory, sysroot: string): Promise<[string, string]> {
  const root = work.join('root');
  fs.mkdirSync(root);
  await aptLayerMust(sysroot, ['mount', '0', root]);
  try {
    const modules = path.join(root, 'usr/lib/modules');
    const version = fs.readdirSync(modules)[0];
    if (version === undefined) throw new Error('the image has no kernel');
    return ['vmlinuz', 'initrd.img'].map(name => {
      fs.copyFileSync(path.join(modules, version, name), work.join(name));
      return work.join(name);
    }) as [string, string];
  } finally {
    await aptLayerMust(sysroot, ['umount', root]);
  }
}
