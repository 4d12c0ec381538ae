import { rmSync } from 'node:fs';
import { type BenchCase, versus } from '../case.ts';
import { measure, must } from '../measure.ts';
import { largeRoot } from '../roots.ts';

/** `image import` of a Debian root into an empty store against `ostree commit` of it into an empty bare repository. */
export const imageImport: BenchCase = {
  name: 'image-import',
  async run(directory, runs) {
    const root = await largeRoot();
    const entries = must(['find', root, '-xdev', '-printf', 'x']).length;
    const megabytes = Math.round(Number(must(['du', '-xs', '--block-size=1M', root]).split('\t')[0]));
    const sysroot = `${directory}/sysroot`;
    const repository = `${directory}/repo`;
    const [ours, theirs] = measure(
      [
        {
          name: 'apt-layer',
          command: ['bin/apt-layer', '--sysroot', sysroot, 'image', 'import', root, '--ref', 'bench'],
          prepare: () => rmSync(sysroot, { recursive: true, force: true }),
        },
        {
          name: 'ostree',
          command: ['ostree', `--repo=${repository}`, 'commit', '--branch=bench', `--tree=dir=${root}`],
          prepare: () => {
            rmSync(repository, { recursive: true, force: true });
            must(['ostree', `--repo=${repository}`, 'init', '--mode=bare']);
            must(['sync']);
          },
        },
      ],
      runs,
    ).map(timed => timed.median) as [number, number];
    const what = `image import, ${entries} entries, ${megabytes} MB, empty store`;
    return [versus({ what, oursMs: ours, peer: 'ostree commit', peerMs: theirs, limit: 0.5, runs })];
  },
};
