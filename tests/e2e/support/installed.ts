import fs from 'node:fs';
import { stringify } from 'yaml';
import { aptLayerMust } from '../../support/program.ts';
import type { TemporaryDirectory } from '../../support/temporary.ts';
import { type MachineSpecOptions, machineSpec } from './machine-spec.ts';

export interface InstalledOptions extends MachineSpecOptions {
  /** Of `install to-disk`. */
  readonly install: readonly string[];
  /** Packages of the image that it is made on. What is layered on the machine does not have them configured again. */
  readonly baseLayers?: readonly string[];
}

/** Builds a small Debian with the package of this checkout, and installs it on a disk; returns the disk, raw. */
export async function installedDisk(work: TemporaryDirectory, options: InstalledOptions): Promise<string> {
  const sysroot = work.join('installed');
  const { baseLayers, mirror, recommends = true } = options;
  if (baseLayers !== undefined) {
    const spec = {
      name: 'base',
      'base-image': 'apt://trixie',
      bootstrap: { mirror },
      layers: baseLayers,
      recommends,
    };
    fs.writeFileSync(work.join('base.yaml'), stringify(spec));
    await aptLayerMust(sysroot, ['compose', 'tree', work.join('base.yaml'), '--ref', 'base']);
  }
  const onBase = baseLayers === undefined ? options : { ...options, base: 'local://base' };
  await aptLayerMust(sysroot, ['compose', 'tree', await machineSpec(work, onBase)]);
  const disk = work.join('installed.img');
  await aptLayerMust(sysroot, [
    ...['install', 'to-disk', disk, '--size', '5G', '--karg', 'console=ttyS0', '--hostname', 'vm'],
    ...options.install,
  ]);
  fs.rmSync(sysroot, { recursive: true });
  return disk;
}
