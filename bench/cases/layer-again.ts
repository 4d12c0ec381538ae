import { rmSync } from 'node:fs';
import { type BenchCase, versus } from '../case.ts';
import { aptGetSubject, type Layering, prepareLayering } from '../layering.ts';
import { must } from '../measure.ts';
import { type LoneSubject, measurePeaks } from '../peak.ts';
import { LAYERED, LAYERED_LARGE } from '../roots.ts';

interface LayerCase {
  readonly name: string;
  readonly what: string;
  readonly packages: readonly string[];
  /** Highest ratio to apt-get. */
  readonly limit: number;
  readonly imported: boolean;
  readonly subject: (layering: Layering, directory: string) => LoneSubject;
  /** Only when asked for by name. */
  readonly optIn?: boolean;
  /** For a case that takes long: a run, and no warm-up. */
  readonly once?: boolean;
}

function layerCase(one: LayerCase): BenchCase {
  return {
    name: one.name,
    optIn: one.optIn === true,
    async run(directory, runs) {
      const layering = await prepareLayering(directory, one.packages, one);
      const count = one.once === true ? 1 : runs;
      const warmUp = one.once !== true;
      const [ours, theirs] = await measurePeaks(
        [
          { ...one.subject(layering, directory), warmUp },
          { ...aptGetSubject(directory, layering.chroot, one.packages), warmUp },
        ],
        count,
      );
      if (ours === undefined || theirs === undefined) throw new Error('two subjects have two results');
      return [
        versus({
          what: one.what,
          oursMs: ours.medianMs,
          peakMegabytes: ours.peakMegabytes,
          peer: 'apt-get install, force-unsafe-io',
          peerMs: theirs.medianMs,
          limit: one.limit,
          runs: count,
        }),
      ];
    },
  };
}

/** `layer` on a base that was deployed just now. */
function layerOnNewBase(layering: Layering): LoneSubject {
  return {
    async prepare() {
      await layering.rebuildBase();
      await layering.deploy([]);
      must(['sync']);
    },
    command: () => layering.layerCommand(layering.packages),
  };
}

/** All packages are in the store; the base is new in each run. */
export const layerWarm = layerCase({
  name: 'layer-warm',
  what: `layer ${LAYERED.join(' ')}, imported before`,
  packages: LAYERED,
  limit: 0.33,
  imported: true,
  subject: layerOnNewBase,
});

/** No package is in the store, all archives are at hand. */
export const layerCold = layerCase({
  name: 'layer-cold',
  what: `layer ${LAYERED.join(' ')}, never imported`,
  packages: LAYERED,
  limit: 0.85,
  imported: false,
  subject: (layering, directory) => {
    const pristine = `${directory}/pristine`;
    must(['cp', '-a', '--reflink=auto', layering.sysroot, pristine]);
    return {
      prepare() {
        rmSync(layering.sysroot, { recursive: true });
        must(['cp', '-a', '--reflink=auto', pristine, layering.sysroot]);
        must(['sync']);
      },
      command: () => layering.layerCommand(layering.packages),
    };
  },
});

/** The spec of the deployment is built again, on a base that has changed. */
export const layerRebase = layerCase({
  name: 'layer-rebase',
  what: `${LAYERED.join(' ')} again, on a rebuilt base`,
  packages: LAYERED,
  limit: 0.33,
  imported: true,
  subject: layering => ({
    async prepare() {
      await layering.rebuildBase();
      must(['sync']);
    },
    command: () => layering.composeCommand(layering.packages),
  }),
});

/** A desktop, servers, an office and a kernel: about 1600 packages, 1.3 GB of archives. */
export const large = layerCase({
  name: 'large',
  what: 'about 1600 packages, imported before',
  packages: LAYERED_LARGE,
  limit: 0.6,
  imported: true,
  subject: layerOnNewBase,
  optIn: true,
  once: true,
});
