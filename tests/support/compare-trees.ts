import { toText } from '../../src/formats/bytes/index.ts';
import { S_IFBLK, S_IFCHR, S_IFLNK, S_IFMT, S_IFREG } from '../../src/formats/tree/index.ts';
import { createSys } from '../../src/sys/index.ts';
import { contentDetail, describeEntry, octal, xattrText } from './entry-text.ts';
import { linkGroups, scanTree, type TreeEntry, type TreeListing } from './tree-listing.ts';

export type DifferenceClass =
  | 'missing'
  | 'extra'
  | 'type'
  | 'mode'
  | 'owner'
  | 'content'
  | 'target'
  | 'device'
  | 'xattrs'
  | 'links'
  | 'mtime';

export interface Difference {
  readonly class: DifferenceClass;
  /** From the root of the trees, with a leading slash; bytes that are not UTF-8 are escaped. */
  readonly path: string;
  /** What the expected and the actual tree have there. */
  readonly detail: string;
}

export interface CompareOptions {
  /** Paths (as in `Difference.path`) that are not looked at, nor what is below them. */
  readonly ignore?: readonly RegExp[];
  /** Default false. Compared in whole seconds. */
  readonly mtimes?: boolean;
  /** Default: all but `trusted.overlay.*`. */
  readonly xattr?: (name: string) => boolean;
  /**
   * Takes out what may differ in a file, such as a date or an order, before contents are compared. Called only for
   * files whose bytes differ.
   */
  readonly normalise?: (path: string, content: Buffer) => Buffer;
}

/**
 * What `apt-get install` leaves that says when and how it ran, not what the system is: logs, caches, backups of
 * the dpkg database.
 */
export const TRACES_OF_APT: readonly RegExp[] = [
  /^\/(proc|sys|dev|run|tmp)\//,
  /^\/var\/log\/(dpkg\.log|alternatives\.log|apt\/.+|bootstrap\.log)$/,
  /^\/var\/cache\/(apt\/.+|ldconfig\/aux-cache|debconf\/(.+-old|tmp\.ci))$/,
  /^\/var\/lib\/apt\/lists\/.+/,
  /^\/var\/lib\/dpkg\/(.+-old|lock.*|triggers\/Lock)$/,
  /^\/etc\/(passwd|group|shadow|gshadow|subuid|subgid)-$/,
  /^\/etc\/\.pwd\.lock$/,
];

/** Records whose order is that in which packages came, which apt and dpkg do not promise. */
const UNORDERED: Readonly<Record<string, string>> = {
  '/var/lib/apt/extended_states': '\n\n',
  '/var/lib/dpkg/triggers/File': '\n',
};

/** For `CompareOptions.normalise`: what is a set is compared as one, and days that say nothing are left out. */
export function sortRecords(path: string, content: Buffer): Buffer {
  // The day on which an account got its locked password: that of the build, which no image has.
  if (path === '/etc/shadow')
    return Buffer.from(content.toString('latin1').replace(/^([^:\n]*:[!*][^:\n]*:)\d+:/gm, '$1:'), 'latin1');
  const separator = UNORDERED[path];
  if (separator === undefined) return content;
  return Buffer.from(content.toString('latin1').split(separator).sort().join(separator), 'latin1');
}

const sys = createSys();

/** Everything in which `actual` differs from `expected`, sorted by path. Reads contents only where sizes agree. */
export function compareTrees(expected: string, actual: string, options: CompareOptions = {}): Difference[] {
  const trees = { expected: scanTree(expected, options.ignore), actual: scanTree(actual, options.ignore) };
  const differences: Difference[] = [];
  for (const [path, entry] of trees.expected) {
    const other = trees.actual.get(path);
    if (other === undefined)
      differences.push({ class: 'missing', path: toText(path), detail: describeEntry(entry) });
    else differences.push(...compareEntries(toText(path), entry, { other, options }));
  }
  for (const [path, entry] of trees.actual)
    if (!trees.expected.has(path))
      differences.push({ class: 'extra', path: toText(path), detail: describeEntry(entry) });
  differences.push(...compareLinks(trees.expected, trees.actual));
  return differences.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

interface Counterpart {
  readonly other: TreeEntry;
  readonly options: CompareOptions;
}

function compareEntries(path: string, entry: TreeEntry, { other, options }: Counterpart): Difference[] {
  const [a, b] = [entry.stat, other.stat];
  const found: Difference[] = [];
  const differ = (kind: DifferenceClass, left: string, right: string) => {
    if (left !== right) found.push({ class: kind, path, detail: `${left} -> ${right}` });
  };
  if ((a.mode & S_IFMT) !== (b.mode & S_IFMT)) {
    differ('type', describeEntry(entry), describeEntry(other));
    return found;
  }
  differ('mode', octal(a.mode), octal(b.mode));
  differ('owner', `${a.uid}:${a.gid}`, `${b.uid}:${b.gid}`);
  if (options.mtimes === true) differ('mtime', String(a.mtime), String(b.mtime));
  differ('xattrs', xattrText(entry, options.xattr), xattrText(other, options.xattr));
  switch (a.mode & S_IFMT) {
    case S_IFLNK:
      differ('target', toText(sys.readlink(entry.file)), toText(sys.readlink(other.file)));
      break;
    case S_IFBLK:
    case S_IFCHR:
      differ('device', String(a.rdev), String(b.rdev));
      break;
    case S_IFREG:
      if (!sameContent(path, entry, { other, options }))
        found.push({ class: 'content', path, detail: contentDetail(entry, other) });
  }
  return found;
}

function sameContent(path: string, entry: TreeEntry, { other, options }: Counterpart): boolean {
  const { normalise } = options;
  if (entry.stat.size !== other.stat.size && normalise === undefined) return false;
  const [a, b] = [sys.readFile(entry.file), sys.readFile(other.file)];
  if (a.equals(b)) return true;
  return normalise?.(path, a).equals(normalise(path, b)) ?? false;
}

/** One difference for each group of names that one side has and the other has not. */
function compareLinks(expected: TreeListing, actual: TreeListing): Difference[] {
  const [a, b] = [linkGroups(expected), linkGroups(actual)];
  const seen = new Set<string>();
  const found: Difference[] = [];
  for (const path of new Set([...a.keys(), ...b.keys()])) {
    const [left, right] = [a.get(path) ?? 'no other name', b.get(path) ?? 'no other name'];
    // Names that one side lacks are reported as missing or extra.
    if (left === right || !expected.has(path) || !actual.has(path)) continue;
    const key = `${left}\n${right}`;
    if (seen.has(key)) continue;
    seen.add(key);
    found.push({ class: 'links', path: toText(path), detail: `${left} -> ${right}` });
  }
  return found;
}

/** Every difference, grouped by class with its count; empty text when there is none. For test messages. */
export function renderDifferences(differences: readonly Difference[]): string {
  const classes = new Map<DifferenceClass, Difference[]>();
  for (const one of differences) {
    const list = classes.get(one.class);
    if (list === undefined) classes.set(one.class, [one]);
    else list.push(one);
  }
  return [...classes]
    .map(([kind, list]) => {
      const lines = list.map(one => `  ${one.path}: ${one.detail}`);
      return [`${kind} (${list.length})`, ...lines].join('\n');
    })
    .join('\n');
}
