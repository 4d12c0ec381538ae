import { type ByteString, fromText, joinPath } from '../../formats/bytes/index.ts';
import {
  type Aspect,
  aspectsOf,
  type Directory,
  type Leaf,
  lookup,
  lookupDirectory,
  type Node,
  resolveParents,
  type Tree,
} from '../../formats/tree/index.ts';
import type { AssemblyPackage, DpkgDatabase, Exclusion } from '../assemble/index.ts';
import type { FindingKind, ImageFinding } from './finding.ts';
import { isGenerated, isState } from './generators.ts';
import type { ScriptSearch } from './scripts.ts';
import { type ModeOf, severityOf } from './severity.ts';

/** What packages account for, by the directories of the final tree. */
export interface Claims {
  readonly names: Map<Directory, Set<ByteString>>;
  /** Directories that are wholly as one package ships them. */
  readonly whole: Set<Directory>;
}

export interface ShippedOptions {
  readonly before: Tree;
  readonly after: Tree;
  readonly packages: readonly AssemblyPackage[];
  /** Of `after`. */
  readonly database: DpkgDatabase;
  /** Paths about which a policy decided. */
  readonly settled: ReadonlySet<ByteString>;
  /** Whether dpkg's configuration excludes a path. */
  readonly isExcluded: Exclusion;
  readonly scripts: ScriptSearch;
  readonly modeOf: ModeOf;
  /** What the names of configuration files end with until dpkg configures their packages. Default: nothing. */
  readonly conffileSuffix?: string;
}

/** Looks at every path of every package in the final tree: what is missing or changed there, and what is accounted for. */
export function checkShipped(options: ShippedOptions): { findings: ImageFinding[]; claims: Claims } {
  const claims: Claims = { names: new Map(), whole: new Set() };
  const findings: ImageFinding[] = [];
  for (const one of options.packages) {
    const diversions = new Map(
      options.database.diversions
        .filter(({ from, owner }) => owner !== one.name && lookup(one.image.data, from) !== undefined)
        .map(({ from, to }) => [from, to]),
    );
    const links = new Map<Leaf, Leaf>();
    const check: Check = { ...options, one, diversions, links, claims, findings };
    checkDirectory(check, { path: fromText(''), source: one.image.data, target: options.after });
  }
  return { findings, claims };
}

interface Check extends ShippedOptions {
  readonly one: AssemblyPackage;
  readonly diversions: ReadonlyMap<ByteString, ByteString>;
  /** What stands in the final tree for leaves with several names. */
  readonly links: Map<Leaf, Leaf>;
  readonly claims: Claims;
  readonly findings: ImageFinding[];
}

interface Frame {
  readonly path: ByteString;
  readonly source: Directory;
  readonly target: Directory;
}

function checkDirectory(check: Check, { path, source, target }: Frame): void {
  if (source === target) {
    check.claims.whole.add(target);
    return;
  }
  const claimed = check.claims.names.get(target) ?? new Set();
  check.claims.names.set(target, claimed);
  for (const [name, node] of source.entries) {
    const there = target.entries.get(name);
    claimed.add(name);
    if (there === node && node.kind !== 'directory') continue;
    const child = joinPath(path, name);
    if (node.kind === 'directory') checkSubdirectory(check, { path: child, source: node, there });
    else checkLeaf(check, { path: child, node, there });
  }
}

function checkSubdirectory(
  check: Check,
  { path, source, there }: { path: ByteString; source: Directory; there: Node | undefined },
): void {
  const target =
    there?.kind === 'symlink' ? lookupDirectory(check.after, realPath(check.after, path)) : there;
  if (target?.kind === 'directory') {
    if (source !== target && !hasMetadata(check, path, { node: source, there: target }))
      find(check, 'changed', path, { differs: metadataAspects(source, target) });
    checkDirectory(check, { path, source, target });
  } else if (there === undefined && check.isExcluded(path, 'directory'))
    checkDirectory(check, { path, source, target: { ...source, entries: new Map() } });
  else if (source.entries.size > 0 || !isState(path)) find(check, 'missing', path);
}

/** A directory has the metadata of whoever had it first; only one that a single package brought can be compared. */
function hasMetadata(
  check: Check,
  path: ByteString,
  { node, there }: { node: Directory; there: Directory },
): boolean {
  const { before, database, packages, one } = check;
  return (
    metadataAspects(node, there).length === 0 ||
    isState(path) ||
    database.overrides.has(path) ||
    lookup(before, path) !== undefined ||
    check.isExcluded(path, 'directory') ||
    one.image.entries.some(
      entry => entry.path === path && (entry.user !== undefined || entry.group !== undefined),
    ) ||
    packages.some(other => other !== one && lookup(other.image.data, path) !== undefined)
  );
}

function metadataAspects(a: Node, b: Node): Aspect[] {
  return aspectsOf(a, b).filter(aspect => aspect === 'mode' || aspect === 'owner');
}

function checkLeaf(
  check: Check,
  { path, node, there }: { path: ByteString; node: Leaf; there: Node | undefined },
): void {
  const { after, one, diversions, database, settled } = check;
  const to = diversions.get(path);
  const isConffile = one.conffiles.some(conffile => conffile.path === path);
  const suffix = isConffile ? (check.conffileSuffix ?? '') : '';
  const found =
    to === undefined && suffix === ''
      ? there
      : lookup(after, suffix === '' ? realPath(after, to ?? path) : besidePath(after, to ?? path, suffix));
  if (to !== undefined) claimPath(check, to);
  if (found === undefined) {
    const isListed = database.owners(path).some(owner => owner.infoName === one.infoName);
    const isElsewhere = !isListed && database.owners(path).length > 0;
    // A configuration file that was removed on purpose stays away when its package is replaced.
    if (isElsewhere || check.isExcluded(path, node.kind) || (isState(path) && !(isConffile && isNew(check))))
      return;
    find(check, 'missing', path);
    return;
  }
  if (settled.has(path) || isConffile || isState(path)) return;
  // dpkg puts no link in the place of a directory that is there.
  if (node.kind === 'symlink' && found.kind === 'directory') return;
  const differs = leafAspects(check, { path, node, found });
  if (differs.length === 0 || isOfAnother(check, { path, found }) || check.isExcluded(path, node.kind))
    return;
  find(check, 'changed', path, { differs });
}

function isNew({ before, one }: Check): boolean {
  return lookup(before, fromText(`/var/lib/dpkg/info/${one.infoName}.list`)) === undefined;
}

function leafAspects(check: Check, entry: { path: ByteString; node: Leaf; found: Node }): Aspect[] {
  const { node, found } = entry;
  const differs = withoutGiven(check, entry, aspectsOf(node, found));
  if (node.nlink > 1 && found.kind !== 'directory') {
    const other = check.links.get(node);
    if (other === undefined) check.links.set(node, found);
    else if (other !== found) differs.push('links');
  }
  return differs;
}

/** Without what an override, or names of owners, say otherwise; of a file with several names, of any of these. */
function withoutGiven(
  { one, database }: Check,
  { path, node }: { path: ByteString; node: Leaf },
  differs: Aspect[],
): Aspect[] {
  if (!differs.some(aspect => aspect === 'mode' || aspect === 'owner')) return differs;
  const isName = (other: ByteString) =>
    other === path || (node.nlink > 1 && lookup(one.image.data, other) === node);
  const isOverridden = [...database.overrides.keys()].some(isName);
  const hasNames = one.image.entries.some(
    entry => (entry.user !== undefined || entry.group !== undefined) && isName(entry.path),
  );
  return differs.filter(
    aspect =>
      !(isOverridden && (aspect === 'mode' || aspect === 'owner')) && !(hasNames && aspect === 'owner'),
  );
}

/** Whether what is there came with another package: one that replaces this path, or has it by another spelling. */
function isOfAnother(check: Check, { path, found }: { path: ByteString; found: Node }): boolean {
  const { after, one, packages, database } = check;
  if (!database.owners(path).some(owner => owner.infoName === one.infoName)) return true;
  const spellings = [path, realPath(after, path)].flatMap(name => [
    name,
    name.replace(/^\/usr\//, '/') as ByteString,
  ]);
  return packages.some(
    other =>
      other !== one &&
      spellings.some(name => {
        const theirs = lookup(other.image.data, name);
        return theirs !== undefined && aspectsOf(theirs, found).length === 0;
      }),
  );
}

function find(
  check: Check,
  kind: FindingKind,
  path: ByteString,
  { differs = [] }: { differs?: readonly Aspect[] } = {},
): void {
  if (isGenerated(path) && !isState(path)) return;
  const { one, scripts, modeOf } = check;
  const by = scripts.owner(path, one);
  const suspects = by === undefined ? scripts.suspects(path) : [];
  check.findings.push({
    kind,
    path,
    package: one.infoName,
    severity: by === undefined ? severityOf(modeOf, { shipper: one, suspects }) : 'explained',
    differs,
    ...(by !== undefined && { by }),
    suspects: suspects.map(({ infoName }) => infoName),
  });
}

function realPath(tree: Tree, path: ByteString): ByteString {
  let names = resolveParents(tree, path);
  // A link at the end is followed as well: what is below goes where it leads.
  for (let followed = 0; followed < 40; followed += 1) {
    const node = lookup(tree, `/${names.join('/')}` as ByteString);
    if (node?.kind !== 'symlink') break;
    const target = node.target.startsWith('/')
      ? node.target
      : `/${[...names.slice(0, -1), node.target].join('/')}`;
    names = resolveParents(tree, target as ByteString);
  }
  return `/${names.join('/')}` as ByteString;
}

/** A path with more at the end of its last name, which is not followed. */
function besidePath(tree: Tree, path: ByteString, suffix: string): ByteString {
  return `/${resolveParents(tree, path).join('/')}${suffix}` as ByteString;
}

function claimPath({ after, claims }: Check, path: ByteString): void {
  const names = resolveParents(after, path);
  const name = names.pop() as ByteString;
  const directory = lookupDirectory(after, `/${names.join('/')}` as ByteString);
  if (directory === undefined) return;
  const claimed = claims.names.get(directory) ?? new Set();
  claims.names.set(directory, claimed);
  claimed.add(name);
}
