import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type BenchCase, type Row, versus } from '../case.ts';
import { must } from '../measure.ts';
import { type LoneSubject, type LoneTimes, measurePeaks } from '../peak.ts';
import { largeRoot } from '../roots.ts';

const PODMAN = ['--storage-driver', 'overlay', '--cgroup-manager', 'cgroupfs'];

interface Prepared {
  readonly sysroot: string;
  /** Has the image `large`, and `next`, which shares all layers but the last with it. */
  readonly layout: string;
  readonly megabytes: number;
  readonly place: (name: string, round: number) => string;
}

/** Export against gzip and zstd of the same bytes; import of a layout into empty storage against umoci and podman; a second tag. */
export const oci: BenchCase = {
  name: 'oci',
  async run(directory, runs) {
    const prepared = await prepare(directory);
    return [...(await exports(directory, prepared, runs)), ...(await imports(prepared, runs))];
  },
};

async function prepare(directory: string): Promise<Prepared> {
  const root = await largeRoot();
  const sysroot = join(directory, 'sysroot');
  const layout = join(directory, 'layout');
  must(['bin/apt-layer', '--sysroot', sysroot, 'image', 'import', root, '--ref', 'large']);
  must(['bin/apt-layer', '--sysroot', sysroot, 'export', 'local://large', `oci:${layout}:large`]);
  writeFileSync(join(directory, 'file'), 'one more file\n');
  must(['umoci', 'tag', '--image', `${layout}:large`, 'next']);
  must(['umoci', 'insert', '--image', `${layout}:next`, join(directory, 'file'), '/etc/file']);
  must(['tar', '-C', root, '-cf', join(directory, 'root.tar'), '.']);
  const megabytes = Math.round(Number(must(['du', '-xs', '--block-size=1M', root]).split('\t')[0]));
  return { sysroot, layout, megabytes, place: (name, round) => join(directory, `${name}-${round}`) };
}

async function exports(
  directory: string,
  { sysroot, megabytes, place }: Prepared,
  runs: number,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const compression of ['gzip', 'zstd'] as const) {
    const ours: LoneSubject = {
      command: round => [
        ...['bin/apt-layer', '--sysroot', sysroot, 'export', 'local://large'],
        ...[`oci:${place(compression, round)}`, '--compression', compression],
      ],
    };
    const theirs: LoneSubject = {
      command: round => [
        ...['sh', '-c', `${compression} -c "$1" >"$2"`, 'sh'],
        ...[join(directory, 'root.tar'), place(`${compression}-peer`, round)],
      ],
    };
    const [own, peer] = (await measurePeaks([ours, theirs], runs)) as [LoneTimes, LoneTimes];
    const what = `export with ${compression}, ${megabytes} MB`;
    rows.push(row({ what, own, peer, runs, name: `${compression} of a tar`, limit: 1.3 }));
  }
  return rows;
}

async function imports({ layout, megabytes, place }: Prepared, runs: number): Promise<Row[]> {
  const source = (tag: string) => `oci:${layout}:${tag}`;
  const importTag = (tag: string): LoneSubject => ({
    prepare: () => void must(['sync']),
    command: round => [
      'bin/apt-layer',
      '--sysroot',
      place('import', round),
      'import',
      source(tag),
      '--ref',
      tag,
    ],
  });
  const umoci: LoneSubject = {
    prepare: () => void must(['sync']),
    command: round => ['umoci', 'unpack', '--image', `${layout}:large`, place('umoci', round)],
  };
  // podman makes a name of the path of a layout, and names have no capitals.
  const podman: LoneSubject = {
    prepare: () => void must(['sync']),
    command: round => [
      ...['sh', '-c', 'cd "$1" && shift && exec podman "$@"', 'sh', resolve(layout, '..')],
      ...['--root', resolve(place('podman', round)), '--runroot', `/run/bench-podman-${process.pid}`],
      ...[...PODMAN, 'pull', '--quiet', 'oci:layout:large'],
    ],
  };
  const subjects = [importTag('large'), umoci, podman, importTag('next')];
  const [own, unpack, pull, next] = (await measurePeaks(subjects, runs)) as [
    LoneTimes,
    LoneTimes,
    LoneTimes,
    LoneTimes,
  ];
  const what = `import of a layout, ${megabytes} MB, empty store`;
  return [
    row({ what, own, peer: unpack, runs, name: 'umoci unpack', limit: 0.5 }),
    row({ what, own, peer: pull, runs, name: 'podman pull', limit: 0.7 }),
    row({
      what: 'import of a second tag with one layer more',
      own: next,
      peer: own,
      runs,
      name: 'the first',
      limit: 0.3,
    }),
  ];
}

interface Compared {
  readonly what: string;
  readonly own: LoneTimes;
  readonly peer: LoneTimes;
  readonly name: string;
  readonly limit: number;
  readonly runs: number;
}

function row({ what, own, peer, name, limit, runs }: Compared): Row {
  return {
    ...versus({ what, oursMs: own.medianMs, peer: name, peerMs: peer.medianMs, limit, runs }),
    peakMegabytes: own.peakMegabytes,
  };
}
