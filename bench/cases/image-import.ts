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
    // New places for each run, deleted only at the end: ext4 is slow to reuse inodes that were deleted just now.
    let round = 0;
    const place = (name: string) => `${directory}/${name}-${round}`;
    const [ours, theirs] = measure(
      [
        {
          name: 'apt-layer',
          prepare: () => {
            round += 1;
            must(['sync']);
          },
          run: () =>
            must(['bin/apt-layer', '--sysroot', place('sysroot'), 'image', 'import', root, '--ref', 'bench']),
        },
        {
          name: 'ostree',
          prepare: () => {
            must(['ostree', `--repo=${place('repo')}`, 'init', '--mode=bare']);
            must(['sync']);
          },
          run: () =>
            must(['ostree', `--repo=${place('repo')}`, 'commit', '--branch=bench', `--tree=dir=${root}`]),
        },
      ],
      runs,
    ).map(timed => timed.median) as [number, number];
    const what = `image import, ${entries} entries, ${megabytes} MB, empty store`;
    return [versus({ what, oursMs: ours, peer: 'ostree commit', peerMs: theirs, limit: 0.5, runs })];
  },
};
