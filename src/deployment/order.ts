/** What the order of deployments is made from. */
export interface Ordered {
  readonly id: string;
  readonly createdSeconds: number;
}

/**
 * Deployments in boot order: as `order` says, then those it does not name (made by a run that was killed before it
 * could), newest first. Names in `order` without a deployment are skipped, repeated ones count once.
 */
export function inOrder<T extends Ordered>(order: readonly string[], found: readonly T[]): T[] {
  const byId = new Map(found.map(one => [one.id, one]));
  const named: T[] = [];
  for (const id of order) {
    const one = byId.get(id);
    if (one === undefined) continue;
    byId.delete(id);
    named.push(one);
  }
  const rest = [...byId.values()].sort(newestFirst);
  return [...named, ...rest];
}

function newestFirst(a: Ordered, b: Ordered): number {
  if (a.createdSeconds !== b.createdSeconds) return b.createdSeconds - a.createdSeconds;
  return a.id < b.id ? 1 : -1;
}

/** The order with `id` first. */
export function movedToFront(order: readonly string[], id: string): string[] {
  return [id, ...order.filter(other => other !== id)];
}
