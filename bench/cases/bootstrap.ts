import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { BASE_SUITE } from '../../tests/support/base.ts';
import { debianSources, hostAcquireOptions } from '../../tests/support/host-apt.ts';
import { type BenchCase, versus } from '../case.ts';
import { must } from '../measure.ts';
import { measurePeaks, runCommand } from '../peak.ts';

/** A minimal base from the archive, its packages imported before, against mmdebstrap with its archives at hand. */
export const bootstrap: BenchCase = {
  name: 'bootstrap',
  async run(directory, runs) {
    const sysroot = `${directory}/sysroot`;
    const spec = `${directory}/bench.yaml`;
    writeFileSync(spec, `name: bench\nbase-image: apt://${BASE_SUITE}\n`);
    const compose = ['bin/apt-layer', '--sysroot', sysroot, 'compose', 'tree', spec];
    await runCommand(compose);
    const root = `${directory}/root`;
    const mmdebstrap = await mmdebstrapCommand(`${sysroot}/cache/apt/archives`, root);
    const [ours, theirs] = await measurePeaks(
      [
        {
          prepare() {
            forgetBuilds(sysroot);
            must(['sync']);
          },
          command: () => compose,
        },
        {
          prepare() {
            must(['rm', '-rf', '--one-file-system', '--', root]);
            must(['sync']);
          },
          command: () => mmdebstrap,
        },
      ],
      runs,
    );
    if (ours === undefined || theirs === undefined) throw new Error('two subjects have two results');
    return [
      versus({
        what: `bootstrap of ${BASE_SUITE}, imported before`,
        oursMs: ours.medianMs,
        peakMegabytes: ours.peakMegabytes,
        peer: 'mmdebstrap --variant=minbase',
        peerMs: theirs.medianMs,
        limit: 0.5,
        runs,
      }),
    ];
  },
};

/** Everything that was built goes, what was imported stays: names below `deb` are those of packages. */
function forgetBuilds(sysroot: string): void {
  const refs = `${sysroot}/composefs/images/refs`;
  for (const name of readdirSync(refs)) if (name !== 'deb') rmSync(`${refs}/${name}`, { recursive: true });
}

async function mmdebstrapCommand(archives: string, root: string): Promise<readonly string[]> {
  const options = (await hostAcquireOptions()).map(option => {
    const equals = option.indexOf('=');
    return `--aptopt=${option.slice(0, equals)} "${option.slice(equals + 1)}"`;
  });
  return [
    ...['mmdebstrap', '--quiet', '--mode=root', '--variant=minbase', '--format=directory'],
    ...options,
    '--dpkgopt=force-unsafe-io',
    '--setup-hook=mkdir -p "$1/var/cache/apt/archives"',
    `--setup-hook=cp ${archives}/*.deb "$1/var/cache/apt/archives/"`,
    '--skip=download/empty',
    BASE_SUITE,
    root,
    ...(await debianSources(BASE_SUITE)),
  ];
}
