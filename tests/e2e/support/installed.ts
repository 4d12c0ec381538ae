import fs from 'node:fs';
import { aptLayerMust } from '../../support/program.ts';
import type { TemporaryDirectory } from '../../support/temporary.ts';
import { type MachineSpecOptions, machineSpec } from './machine-spec.ts';

export interface InstalledOptions extends MachineSpecOptions {
  /** Of `install to-disk`. */
  readonly install: readonly string[];
}

/** Builds a small Debian with the package of this checkout and the agent, and installs it on a disk; returns the disk, raw. */
export async function installedDisk(work: TemporaryDirectory, options: InstalledOptions): Promise<string> {
  const sysroot = work.join('installed');
  await aptLayerMust(sysroot, ['compose', 'tree', await machineSpec(work, options)]);
  const disk = work.join('installed.img');
  await aptLayerMust(sysroot, [
    ...['install', 'to-disk', disk, '--size', '5G', '--karg', 'console=ttyS0', '--hostname', 'vm'],
    ...options.install,
  ]);
  fs.rmSync(sysroot, { recursive: true });
  return disk;
}
