import { rmSync, writeFileSync } from 'node:fs';
import { copyRoot, unpackMinbase } from '../../tests/support/base.ts';
import { type BenchCase, versus } from '../case.ts';
import { measure, must } from '../measure.ts';
import { inChroot, LAYERED, rootWithArchives } from '../roots.ts';

/** `layer` of 127 packages against plain apt-get of the same in a chroot of the same base; archives are at hand. */
export const layer: BenchCase = {
  name: 'layer',
  async run(directory, runs) {
    const pristine = `${directory}/pristine`;
    await prepareSysroot(directory, pristine);
    const source = await rootWithArchives();
    const sysroot = `${directory}/sysroot`;
    const chroot = `${directory}/chroot`;
    const copy = (from: string, to: string) => () => {
      rmSync(to, { recursive: true, force: true });
      must(['cp', '-a', from, to]);
      must(['sync']);
    };
    const aptGet = (...options: string[]) =>
      inChroot(chroot, ['apt-get', '-y', '--no-download', ...options, 'install', ...LAYERED]);
    const [ours, plain, unsafe] = measure(
      [
        {
          name: 'apt-layer',
          command: ['bin/apt-layer', '--sysroot', sysroot, 'layer', ...LAYERED],
          prepare: copy(pristine, sysroot),
        },
        { name: 'apt-get', command: aptGet(), prepare: copy(source, chroot) },
        {
          name: 'apt-get unsafe',
          command: aptGet('-o', 'DPkg::Options::=--force-unsafe-io'),
          prepare: copy(source, chroot),
        },
      ],
      runs,
    ).map(timed => timed.median) as [number, number, number];
    const row = { what: `layer ${LAYERED.join(' ')}`, oursMs: ours, limit: 1.2, runs };
    return [
      versus({ ...row, peer: 'apt-get install', peerMs: plain }),
      versus({ ...row, peer: 'apt-get install, force-unsafe-io', peerMs: unsafe }),
    ];
  },
};

/** A sysroot with the base deployed, and package lists and archives in its cache. */
async function prepareSysroot(directory: string, pristine: string): Promise<void> {
  const base = `${directory}/base`;
  const used = `${directory}/used`;
  await unpackMinbase(base);
  const spec = `${directory}/bench.yaml`;
  writeFileSync(spec, 'name: bench\nbase-image: local://bench\n');
  must(['bin/apt-layer', '--sysroot', pristine, 'image', 'import', base, '--ref', 'bench']);
  must(['bin/apt-layer', '--sysroot', pristine, 'compose', 'tree', spec]);
  // A run on a copy fills the package cache, which is then moved over.
  await copyRoot(pristine, used);
  must(['bin/apt-layer', '--sysroot', used, 'layer', ...LAYERED]);
  rmSync(`${pristine}/cache`, { recursive: true, force: true });
  must(['mv', `${used}/cache`, `${pristine}/cache`]);
  rmSync(used, { recursive: true, force: true });
}
