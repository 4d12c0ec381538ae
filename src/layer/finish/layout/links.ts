import type { ByteString } from '../../../formats/bytes/index.ts';
import { components, type Node, type Symlink, walk, withNode } from '../../../formats/tree/index.ts';
import type { Relocation } from './table.ts';

/** The relative target that leads from the link `from` to `to`: the same in a chroot and below any other directory. */
export function targetOf({ from, to }: Relocation): string {
  return [...stepsBetween(parentOf(from), components(to as ByteString))].join('/');
}

/**
 * A node that moves, with relative links in it that lead out of it changed so that they lead to the same place as before.
 * Moving back gives the node as it was. Only what goes straight up is followed: a target with `..` after a name is taken
 * to stay inside.
 */
export function withLinksMoved<T extends Node>(node: T, { from, to }: Relocation): T {
  if (node.kind !== 'directory') return node;
  const [old, now] = [parentOf(from), parentOf(to)];
  const there = stepsBetween(now, old);
  const back = stepsBetween(old, now);
  let result: Node = node;
  for (const { path, node: link } of walk(node)) {
    if (link.kind !== 'symlink') continue;
    const target = movedTarget(link.target, { depth: components(path).length, there, back });
    const moved: Symlink = { ...link, target: target as ByteString, nlink: 1 };
    if (target !== link.target) result = withNode(result, path, moved);
  }
  return result as T;
}

interface Way {
  /** How many steps up lead from the link out of what moves. */
  readonly depth: number;
  /** From the new place outside to the old one, and the reverse. */
  readonly there: readonly string[];
  readonly back: readonly string[];
}

/** A way there that follows the way back has been nowhere: both go. */
function movedTarget(target: string, { depth, there, back }: Way): string {
  const steps = target.split('/');
  if (steps.length < depth || steps.slice(0, depth).some(step => step !== '..')) return target;
  const rest = steps.slice(depth);
  const returns = back.length > 0 && back.every((step, index) => rest[index] === step);
  const moved = returns ? rest.slice(back.length) : [...there, ...rest];
  return [...steps.slice(0, depth), ...moved].join('/');
}

function parentOf(path: string): ByteString[] {
  return components(path as ByteString).slice(0, -1);
}

function stepsBetween(from: readonly string[], to: readonly string[]): string[] {
  let shared = 0;
  while (shared < from.length && shared < to.length && from[shared] === to[shared]) shared += 1;
  return [...from.slice(shared).map(() => '..'), ...to.slice(shared)];
}
