import { rmSync, writeFileSync } from 'node:fs';
import { type Archive, archive } from '../../tests/support/archive.ts';
import { unpackMinbase } from '../../tests/support/base.ts';
import type { DebDescription } from '../../tests/support/deb.ts';
import { type BenchCase, type Row, versus } from '../case.ts';
import { aptGetSubject } from '../layering.ts';
import { must } from '../measure.ts';
import { measurePeaks, runCommand } from '../peak.ts';
import { inChroot } from '../roots.ts';

const COUNTS = [1, 10, 100, 1000] as const;
const FILES_PER_PACKAGE = 20;

/** A package such as a small library with its documentation. */
function smallPackage(name: string): DebDescription {
  const files = Array.from({ length: FILES_PER_PACKAGE }, (_, index): [string, string] => [
    `/usr/share/${name}/file-${index}`,
    `${name} ${index}\n`.repeat(40 * (index + 1)),
  ]);
  return { name, files: Object.fromEntries(files), compression: 'gzip' };
}

/** One more package on systems that have 1, 10, 100 and 1000 layered already: the cost is to follow the change. */
export const layerScale: BenchCase = {
  name: 'layer-scale',
  async run(directory, runs) {
    const layered = Array.from({ length: Math.max(...COUNTS) }, (_, index) => `bench-layered-${index}`);
    const more = Array.from({ length: runs + 1 }, (_, index) => `bench-more-${index}`);
    await using repository = await archive([...layered, ...more].map(smallPackage));
    const base = `${directory}/base`;
    await makeBase(base, repository);
    const rows: Row[] = [];
    for (const count of COUNTS) {
      const place = `${directory}/${count}`;
      must(['mkdir', place]);
      rows.push(await oneMore(place, { base, layered: layered.slice(0, count), more, runs }));
      rmSync(place, { recursive: true });
    }
    return [...rows, growth(rows)];
  },
};

/** A minimal base whose only source is the archive. */
async function makeBase(base: string, repository: Archive): Promise<void> {
  await unpackMinbase(base);
  rmSync(`${base}/etc/apt/sources.list`, { force: true });
  rmSync(`${base}/etc/apt/sources.list.d`, { recursive: true, force: true });
  must(['mkdir', `${base}/etc/apt/sources.list.d`]);
  writeFileSync(`${base}/etc/apt/sources.list.d/bench.sources`, repository.sources);
}

interface OneMore {
  readonly base: string;
  readonly layered: readonly string[];
  /** A package for the warm-up and for each run. */
  readonly more: readonly string[];
  readonly runs: number;
}

async function oneMore(directory: string, { base, layered, more, runs }: OneMore): Promise<Row> {
  const program = ['bin/apt-layer', '--sysroot', `${directory}/sysroot`];
  const spec = `${directory}/bench.yaml`;
  writeFileSync(spec, `name: bench\nbase-image: local://bench\nlayers: ${JSON.stringify(layered)}\n`);
  await runCommand([...program, 'image', 'import', base, '--ref', 'bench']);
  await runCommand([...program, 'compose', 'tree', spec]);
  const root = `${directory}/root`;
  must(['cp', '-a', '--reflink=auto', base, root]);
  await runCommand(inChroot(root, ['apt-get', '-qq', 'update']));
  await runCommand(inChroot(root, ['apt-get', '-qq', '-y', 'install', ...layered]));
  await runCommand(inChroot(root, ['apt-get', '-qq', '-y', '--download-only', 'install', ...more]));
  const nameOf = (round: number) => more[round + 1] ?? '';
  const chroot = aptGetSubject(directory, root, []);
  const [ours, theirs] = await measurePeaks(
    [
      { command: round => [...program, 'layer', nameOf(round)] },
      { prepare: chroot.prepare, command: round => [...chroot.command(), nameOf(round)] },
    ],
    runs,
  );
  if (ours === undefined || theirs === undefined) throw new Error('two subjects have two results');
  return versus({
    what: `layer one more package, ${layered.length} layered already`,
    oursMs: ours.medianMs,
    peakMegabytes: ours.peakMegabytes,
    peer: 'apt-get install, force-unsafe-io',
    peerMs: theirs.medianMs,
    limit: 5,
    runs,
  });
}

/** How much dearer the same change is on the largest system than on the smallest. */
function growth(rows: readonly Row[]): Row {
  const [smallest, largest] = [rows.at(0), rows.at(-1)];
  if (smallest === undefined || largest === undefined) throw new Error('there are no systems to compare');
  return versus({
    what: `layer one more package, ${COUNTS.at(-1)} layered already`,
    oursMs: largest.oursMs,
    peer: `the same with ${COUNTS[0]}`,
    peerMs: smallest.oursMs,
    limit: 2,
    runs: largest.runs,
  });
}
