import { type ByteString, toText } from '../../src/formats/bytes/index.ts';
import { S_IFDIR, S_IFMT } from '../../src/formats/tree/index.ts';
import { describeEntry } from '../support/entry-text.ts';
import { linkGroups, scanTree, type TreeEntry, type TreeListing } from '../support/tree-listing.ts';
import { accountNames } from './accounts.ts';
import { compareEntry } from './compare-entry.ts';
import { type Difference, type DifferenceClass, differenceOf } from './difference.ts';
import { documentedReason } from './documented.ts';

/** What the judge says about two trees. */
export interface Judgement {
  /** Differences that nothing explains, by path. */
  readonly differences: readonly Difference[];
  /** How many differences there are for each documented reason. */
  readonly explained: ReadonlyMap<string, number>;
  /** How many entries apt-get's tree has. */
  readonly entries: number;
}

export interface JudgeOptions {
  /** Also compare times of modification, in whole seconds. Default false: apt-get's are those of its run. */
  readonly times?: boolean;
  /** Paths that the caller knows to differ, and why. */
  readonly expected?: readonly { readonly path: RegExp; readonly reason: string }[];
}

/** Compares what apt-get made with what the program made. Both are plain Debian roots on disk. */
export function judge(theirs: string, ours: string, options: JudgeOptions = {}): Judgement {
  const trees = { theirs: scanTree(theirs), ours: scanTree(ours) };
  const names = { theirs: accountNames(theirs), ours: accountNames(ours) };
  const explained = new Map<string, number>();
  const differences: Difference[] = [];
  for (const { path, difference } of allDifferences(trees, { names, times: options.times === true })) {
    const entry = trees.theirs.get(path) ?? trees.ours.get(path);
    const reason =
      difference.class === 'ids'
        ? 'numbers of accounts, by order of configuration'
        : (documentedReason(path, difference.class, entry !== undefined && isDirectory(entry)) ??
          options.expected?.find(one => one.path.test(path))?.reason);
    if (reason === undefined) differences.push(difference);
    else explained.set(reason, (explained.get(reason) ?? 0) + 1);
  }
  differences.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  return { differences, explained, entries: trees.theirs.size };
}

interface Trees {
  readonly theirs: TreeListing;
  readonly ours: TreeListing;
}

interface Found {
  readonly path: ByteString;
  readonly difference: Difference;
}

function* allDifferences(trees: Trees, options: Parameters<typeof compareEntry>[2]): Generator<Found> {
  for (const [path, entry] of trees.theirs) {
    const other = trees.ours.get(path);
    if (other === undefined) yield lonely('missing', path, entry);
    else
      for (const difference of compareEntry(path, { theirs: entry, ours: other }, options))
        yield { path, difference };
  }
  for (const [path, entry] of trees.ours) if (!trees.theirs.has(path)) yield lonely('extra', path, entry);
  yield* linkDifferences(trees);
}

function lonely(kind: 'missing' | 'extra', path: ByteString, entry: TreeEntry): Found {
  return {
    path,
    difference: {
      class: classOf(path, kind),
      path: toText(path),
      detail: `${kind}: ${describeEntry(entry)}`,
    },
  };
}

/** Files whose presence is itself a record. */
function classOf(path: ByteString, kind: DifferenceClass): DifferenceClass {
  if (path.startsWith('/var/lib/dpkg/info/')) return 'info files';
  if (path.startsWith('/etc/alternatives/') || path.startsWith('/var/lib/dpkg/alternatives/'))
    return 'alternatives';
  return kind;
}

/** One difference for each group of names that one side has and the other has not. */
function* linkDifferences(trees: Trees): Generator<Found> {
  const [left, right] = [linkGroups(trees.theirs), linkGroups(trees.ours)];
  const seen = new Set<string>();
  for (const path of new Set([...left.keys(), ...right.keys()])) {
    const groups = {
      theirs: left.get(path) ?? 'no other name',
      ours: right.get(path) ?? 'no other name',
    };
    // Names that one side lacks are reported as missing or extra.
    if (groups.theirs === groups.ours || !trees.theirs.has(path) || !trees.ours.has(path)) continue;
    const key = `${groups.theirs}\n${groups.ours}`;
    if (seen.has(key)) continue;
    seen.add(key);
    yield { path, difference: differenceOf('hard links', toText(path), groups) };
  }
}

function isDirectory({ stat }: TreeEntry): boolean {
  return (stat.mode & S_IFMT) === S_IFDIR;
}
