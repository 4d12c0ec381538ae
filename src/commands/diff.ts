import type { App } from '../app/index.ts';
import {
  type ArgumentsDiff,
  diffImages,
  diffKernelArguments,
  diffPackages,
  type ImageDiff,
  isDenied,
  listDeployments,
  type PackageChange,
  type PackageDiff,
  storePath,
} from '../deployment/index.ts';
import { toText } from '../formats/bytes/index.ts';
import type { Difference } from '../formats/tree/index.ts';
import { log } from '../report/index.ts';
import { openStore } from '../store/index.ts';
import type { CommandImplementation } from './definition.ts';
import { changeText, differenceJson } from './diff-changes.ts';
import { diffSides, type OpenStore, type Side } from './diff-sides.ts';
import { packagesOfSide } from './side-packages.ts';
import { formatCount, type TextStyle } from './text/index.ts';

interface Result {
  readonly from: Side;
  readonly to: Side;
  readonly packages: PackageDiff | undefined;
  /** Of two deployments; undefined where a side is only an image. */
  readonly kernelArguments: ArgumentsDiff | undefined;
  readonly files: readonly Difference[] | undefined;
  readonly links: ImageDiff['links'];
}

export const command: CommandImplementation<Result> = {
  async run(app, args) {
    const deployments = listDeployments(app);
    const store = () => openStore(app.host, storePath(app.sysroot));
    const sides = diffSides(store, deployments, {
      a: args.optionalArgument('A'),
      b: args.optionalArgument('B'),
    });
    const path = args.option('path');
    const both = args.flag('packages') === args.flag('files');
    const wantsFiles = args.flag('files') || path !== undefined;
    const on = { ...app, deployments };
    const [before, after] = [sides.from, sides.to].map(side => deployments.find(one => one.id === side.id));
    return {
      ...sides,
      packages: (both ? path === undefined : args.flag('packages'))
        ? diffPackages(packagesOfSide(on, store, sides.from), packagesOfSide(on, store, sides.to))
        : undefined,
      kernelArguments:
        both && path === undefined && before !== undefined && after !== undefined
          ? diffKernelArguments(before.kernelArguments, after.kernelArguments)
          : undefined,
      ...(both || wantsFiles
        ? filesOf(app, store, { sides, path, times: args.flag('times'), wanted: wantsFiles })
        : NO_FILES),
    };
  },
  toJson: ({ from, to, packages, kernelArguments, files, links }) => ({
    schema: 1,
    from,
    to,
    packages: packages ?? null,
    'kernel-arguments': kernelArguments ?? null,
    files: files?.map(one => differenceJson(one, links)) ?? null,
  }),
  render(result, style) {
    const lines = [
      `from ${title(result.from)}`,
      `to   ${title(result.to)}`,
      ...packageLines(result.packages, style),
      ...argumentLines(result.kernelArguments, style),
      ...fileLines(result.files ?? [], style),
    ];
    if (lines.length === 2)
      lines.push(result.files === undefined ? 'No differences in what was compared.' : 'No differences.');
    return `${lines.join('\n')}\n`;
  },
};

const NO_FILES = { files: undefined, links: { before: new Map(), after: new Map() } };

/** Where files were not asked for by name, who may not read them is told so, and sees the rest. */
function filesOf(
  app: App,
  store: OpenStore,
  what: { sides: { from: Side; to: Side }; path: string | undefined; times: boolean; wanted: boolean },
): Pick<ImageDiff, 'files' | 'links'> {
  const { from, to } = what.sides;
  if (from.image === to.image && what.path === undefined) return { ...NO_FILES, files: [] };
  try {
    const options = {
      packages: false,
      times: what.times,
      ...(what.path === undefined ? {} : { path: what.path }),
    };
    const { files, links } = diffImages(store(), { before: from.image, after: to.image }, options);
    return { files, links };
  } catch (error) {
    if (what.wanted || !isDenied(error)) throw error;
    log(app.host.report, 'warning', `files are not compared: only root can read ${storePath(app.sysroot)}`);
    return NO_FILES;
  }
}

function argumentLines(diff: ArgumentsDiff | undefined, style: TextStyle): string[] {
  if (diff === undefined || diff.added.length + diff.removed.length === 0) return [];
  return [
    style.bold('Kernel arguments:'),
    ...diff.removed.map(one => `  ${style.red('-')} ${one}`),
    ...diff.added.map(one => `  ${style.green('+')} ${one}`),
  ];
}

function title({ id, image }: Side): string {
  return id === null ? image : `${id} (${image.slice(0, 12)})`;
}

function packageLines(packages: PackageDiff | undefined, style: TextStyle): string[] {
  if (packages === undefined) return [];
  const section = <T>(name: string, list: readonly T[], line: (one: T) => string) =>
    list.length === 0
      ? []
      : [
          style.bold(`${name} (${formatCount(list.length, 'package')}):`),
          ...list.map(one => `  ${line(one)}`),
        ];
  const change = (one: PackageChange) => `${one.name}:${one.architecture} ${one.from} -> ${one.to}`;
  const single = (one: PackageDiff['added'][number]) => `${one.name}:${one.architecture} ${one.version}`;
  return [
    ...section('Upgraded', packages.upgraded, change),
    ...section('Downgraded', packages.downgraded, change),
    ...section('Removed', packages.removed, single),
    ...section('Added', packages.added, single),
  ];
}

/** A directory that comes or goes is one line with the number of names in it. */
function fileLines(files: readonly Difference[], style: TextStyle): string[] {
  if (files.length === 0) return [];
  const lines = [style.bold(`Files (${formatCount(files.length, 'difference')}):`)];
  for (let index = 0; index < files.length; index++) {
    const one = files[index];
    if (one === undefined) break;
    const inside = one.change === 'changed' ? 0 : countBelow(files, index);
    lines.push(`  ${fileLine(one, inside, style)}`);
    index += inside;
  }
  return lines;
}

/** How many of the next differences are the same change below this path. */
function countBelow(files: readonly Difference[], index: number): number {
  const top = files[index];
  let next = index + 1;
  while (files[next]?.change === top?.change && files[next]?.path.startsWith(`${top?.path}/`)) next += 1;
  return next - index - 1;
}

function fileLine(one: Difference, inside: number, style: TextStyle): string {
  const path = toText(one.path) || '/';
  switch (one.change) {
    case 'added':
      return `${style.green('A')} ${path}${inside === 0 ? '' : `/ (and ${inside} below)`}`;
    case 'removed':
      return `${style.red('D')} ${path}${inside === 0 ? '' : `/ (and ${inside} below)`}`;
    case 'changed':
      return `${style.yellow('M')} ${path} (${changeText(one)})`;
  }
}
