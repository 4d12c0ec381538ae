import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { unpackMinbase } from '../tests/support/base.ts';
import { must } from './measure.ts';
import { runCommand } from './peak.ts';
import { inChroot, rootWithArchives } from './roots.ts';

/** What cases about layering have in common: a minimal base, packages, and both ways to install them. */
export interface Layering {
  /** A chroot with package lists and archives, nothing installed. */
  readonly chroot: string;
  readonly sysroot: string;
  readonly packages: readonly string[];
  /** Gives the base another content under its name, so that nothing built on it before can be taken. */
  rebuildBase(): Promise<void>;
  /** Builds and deploys the base with these packages. */
  deploy(layers: readonly string[]): Promise<void>;
  /** The command that builds and deploys a spec with these packages. */
  composeCommand(layers: readonly string[]): readonly string[];
  layerCommand(packages: readonly string[]): readonly string[];
}

const PROGRAM = ['bin/apt-layer', '--sysroot'];

/**
 * A sysroot in `directory` with an importable base and all archives of `packages` in its cache, none of them imported; `imported`
 * imports them all, by a build that is of no further use.
 */
export async function prepareLayering(
  directory: string,
  packages: readonly string[],
  { imported }: { imported: boolean },
): Promise<Layering> {
  const [sysroot, base] = [`${directory}/sysroot`, `${directory}/base`];
  const program = [...PROGRAM, sysroot];
  const chroot = await rootWithArchives(packages);
  await unpackMinbase(base);
  let edition = 0;
  const spec = (layers: readonly string[]) => {
    const file = `${directory}/bench.yaml`;
    writeFileSync(file, `name: bench\nbase-image: local://bench\nlayers: ${JSON.stringify(layers)}\n`);
    return [...program, 'compose', 'tree', file];
  };
  const layering: Layering = {
    chroot,
    sysroot,
    packages,
    async rebuildBase() {
      edition += 1;
      writeFileSync(`${base}/etc/bench-edition`, `${edition} of ${process.pid}\n`);
      await runCommand([...program, 'image', 'import', base, '--ref', 'bench']);
    },
    async deploy(layers) {
      await runCommand(spec(layers));
    },
    composeCommand: spec,
    layerCommand: names => [...program, 'layer', ...names],
  };
  await layering.rebuildBase();
  await layering.deploy([]);
  await fillCache(directory, layering, imported);
  return layering;
}

/** Archives come from the chroot; the program fetches only the lists, and what its view of the archive has newer. */
async function fillCache(directory: string, layering: Layering, imported: boolean): Promise<void> {
  const { sysroot, chroot, packages } = layering;
  const archives = `${sysroot}/cache/apt/archives`;
  mkdirSync(archives, { recursive: true });
  must(['sh', '-c', `cp -n ${chroot}/var/cache/apt/archives/*.deb ${archives}/`]);
  if (imported) {
    await runCommand(layering.layerCommand(packages));
    return;
  }
  // A copy of the sysroot imports; its cache is then complete.
  const used = `${directory}/used`;
  must(['cp', '-a', '--reflink=auto', sysroot, used]);
  await runCommand([...PROGRAM, used, 'layer', ...packages]);
  rmSync(`${sysroot}/cache`, { recursive: true });
  must(['mv', `${used}/cache`, `${sysroot}/cache`]);
  rmSync(used, { recursive: true });
}

/** Plain apt-get without waiting for disks, in a fresh copy of a chroot; the copy is not timed. */
export function aptGetSubject(
  directory: string,
  chroot: string,
  packages: readonly string[],
): { prepare: () => void; command: () => readonly string[] } {
  const copy = `${directory}/chroot`;
  return {
    prepare() {
      if (existsSync(copy)) must(['rm', '-rf', '--one-file-system', '--', copy]);
      must(['cp', '-a', '--reflink=auto', chroot, copy]);
      must(['sync']);
    },
    command: () =>
      inChroot(copy, [
        ...['apt-get', '-y', '--no-download', '-o', 'DPkg::Options::=--force-unsafe-io'],
        ...['install', ...packages],
      ]),
  };
}
