import { AptLayerError } from '../../errors/index.ts';
import { type ByteString, toText } from '../../formats/bytes/index.ts';
import {
  type Aspect,
  aspectsOf,
  type Directory,
  type Metadata,
  type Node,
} from '../../formats/tree/index.ts';
import { type FilePolicies, policyOf, rankOf } from '../metadata-policy/index.ts';
import type { AssemblyPackage } from './package.ts';

/** A conflict that dpkg would have refused, or settled without a word, and how a policy settled it. */
export interface SettledConflict {
  readonly path: ByteString;
  readonly winner: string;
  /** Both by name and version, or `the base` for what no package has. */
  readonly loser: string;
  readonly differs: readonly Aspect[];
}

/** A package that was there before, as far as a conflict with it goes. */
export interface Rival {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  readonly infoName: string;
}

/** An entry of a package that meets what is there; without a rival, that is something of the base that nobody owns. */
export interface Conflict {
  readonly path: ByteString;
  readonly package: AssemblyPackage;
  readonly rival: Rival | undefined;
  readonly differs: readonly Aspect[];
}

/**
 * What the policy of the package that comes later says about a conflict; undefined when that is dpkg's own rules.
 * The policy `fail` throws DPKG_FAILED.
 */
export function decide(
  conflict: Conflict,
  policies: FilePolicies,
): { readonly takes: 'incoming' | 'existing'; readonly settled: SettledConflict } | undefined {
  const { package: incoming, rival, path, differs } = conflict;
  const isLater = rival === undefined || rankOf(policies, incoming) >= rankOf(policies, rival);
  const { conflictResolution } = policyOf(policies, isLater ? incoming : rival);
  if (conflictResolution === undefined) return undefined;
  if (conflictResolution === 'fail') throw refusal(conflict);
  const takes = isLater === (conflictResolution === 'keep-latest') ? 'incoming' : 'existing';
  const [one, other] = [titleOf(incoming), rival === undefined ? THE_BASE : titleOf(rival)];
  const settled =
    takes === 'incoming'
      ? { path, winner: one, loser: other, differs }
      : { path, winner: other, loser: one, differs };
  return { takes, settled };
}

const THE_BASE = 'the base';

/** `NAME (VERSION)`, as messages name a package. */
export function titleOf({ infoName, version }: { infoName: string; version: string }): string {
  return `${infoName} (${version})`;
}

function refusal({ package: incoming, rival, path, differs }: Conflict): AptLayerError {
  const other = rival === undefined ? THE_BASE : titleOf(rival);
  const how = differs.length === 0 ? 'is also in' : `differs in ${differs.join(', ')} from that of`;
  return new AptLayerError('DPKG_FAILED', `${toText(path)} of ${titleOf(incoming)} ${how} ${other}`, {
    hint: `the policy is to fail; \`apt-layer layer-metadata ${incoming.name} true keep-latest\` or keep-base settles it, or leave ${incoming.name} out`,
    details: {
      path: toText(path),
      packages: [incoming.infoName, ...(rival === undefined ? [] : [rival.infoName])],
      differs,
    },
  });
}

/** What differs, of all that a package has a say in: archives carry no extended attributes unless an entry has some. */
export function differsFrom(existing: Node, node: Node): Aspect[] {
  return aspectsOf(existing, node).filter(aspect => aspect !== 'xattrs' || node.xattrs !== undefined);
}

/** The same for the directories themselves. */
export function directoryDiffersFrom(
  existing: Directory,
  { mode, uid, gid }: Pick<Metadata, 'mode' | 'uid' | 'gid'>,
): Aspect[] {
  const differs: Aspect[] = [];
  if (existing.mode !== mode) differs.push('mode');
  if (existing.uid !== uid || existing.gid !== gid) differs.push('owner');
  return differs;
}
