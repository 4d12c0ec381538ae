import { type ByteString, joinPath } from '../../formats/bytes/index.ts';
import { type Aspect, aspectsOf, type Directory, type Node, type Tree } from '../../formats/tree/index.ts';
import type { DpkgDatabase, InstalledPackage } from '../assemble/index.ts';
import type { FindingKind, ImageFinding } from './finding.ts';
import { isGenerated } from './generators.ts';
import type { ScriptSearch } from './scripts.ts';
import { type ModeOf, severityOf } from './severity.ts';
import type { Claims } from './shipped.ts';

interface UnaccountedOptions {
  readonly before: Tree;
  readonly after: Tree;
  readonly claims: Claims;
  readonly scripts: ScriptSearch;
  readonly modeOf: ModeOf;
  /** Of `before`, which is seldom asked for, and of `after`. */
  readonly databases: { readonly before: () => DpkgDatabase; readonly after: DpkgDatabase };
}

/**
 * What appeared, changed or went between two trees and neither a package nor a known generator accounts for. Directories that
 * both share are not looked into; of a directory that appeared, only the top is named.
 */
export function findUnaccounted(options: UnaccountedOptions): ImageFinding[] {
  const diverted = new Set(options.databases.after.diversions.flatMap(({ from, to }) => [from, to]));
  const search: Search = { ...options, diverted, findings: [] };
  compare(search, { path: '' as ByteString, before: options.before, after: options.after });
  return search.findings;
}

interface Search extends UnaccountedOptions {
  /** Both names of each diversion: files move between them. */
  readonly diverted: ReadonlySet<ByteString>;
  readonly findings: ImageFinding[];
}

interface Frame {
  readonly path: ByteString;
  readonly before: Directory | undefined;
  readonly after: Directory;
}

function compare(search: Search, { path, before, after }: Frame): void {
  if (before === after || search.claims.whole.has(after)) return;
  const claimed = search.claims.names.get(after);
  for (const [name, node] of after.entries) {
    const old = before?.entries.get(name);
    if (old === node) continue;
    const isClaimed = claimed?.has(name) === true;
    if (isClaimed && node.kind !== 'directory') continue;
    const child = joinPath(path, name);
    if (isGenerated(child) || search.diverted.has(child)) continue;
    const oldDirectory = old?.kind === 'directory' ? old : undefined;
    if (node.kind === 'directory' && (isClaimed || oldDirectory !== undefined))
      compare(search, { path: child, before: oldDirectory, after: node });
    else if (isAlternative(node)) continue;
    else if (old === undefined) find(search, 'unexpected', child);
    else if (isAltered(search, child, { old, node })) find(search, 'altered', child, aspectsOf(old, node));
  }
  for (const name of before?.entries.keys() ?? []) {
    if (after.entries.has(name)) continue;
    const child = joinPath(path, name);
    if (!isGenerated(child) && !search.diverted.has(child) && !isOfChanged(search, child))
      find(search, 'vanished', child);
  }
}

/** update-alternatives(1) makes these anywhere: links that lead to its own directory. */
function isAlternative(node: Node): boolean {
  return node.kind === 'symlink' && node.target.startsWith('/etc/alternatives/');
}

/** Whether a file of the base is another one, though its package is still the same and no override says so. */
function isAltered(search: Search, path: ByteString, { old, node }: { old: Node; node: Node }): boolean {
  const isOverridden = search.databases.after.overrides.has(path);
  const differs = aspectsOf(old, node).filter(
    aspect => !(isOverridden && (aspect === 'mode' || aspect === 'owner')),
  );
  return differs.length > 0 && !isOfChanged(search, path);
}

/** Whether a path belonged to a package that has another version by now, or is gone. */
function isOfChanged(search: Search, path: ByteString): boolean {
  return ownersBefore(search, path).some(owner => {
    const now = search.databases.after.packages.get(owner.name)?.find(one => one.infoName === owner.infoName);
    return now?.version !== owner.version || now.state === 'config-files';
  });
}

/** Packages of the base that have a path, which may be listed as it was before /usr was merged. */
function ownersBefore({ databases }: Search, path: ByteString): InstalledPackage[] {
  const spellings = [path, path.replace(/^\/usr\//, '/') as ByteString];
  return spellings.flatMap(name => databases.before().owners(name));
}

function find(search: Search, kind: FindingKind, path: ByteString, differs: readonly Aspect[] = []): void {
  const { scripts, modeOf } = search;
  const by = scripts.owner(path, undefined);
  const suspects = by === undefined ? scripts.suspects(path) : [];
  const shipper = kind === 'unexpected' ? undefined : ownersBefore(search, path)[0];
  search.findings.push({
    kind,
    path,
    ...(shipper !== undefined && { package: shipper.infoName }),
    severity: by === undefined ? severityOf(modeOf, { shipper, suspects }) : 'explained',
    differs,
    ...(by !== undefined && { by }),
    suspects: suspects.map(({ infoName }) => infoName),
  });
}
