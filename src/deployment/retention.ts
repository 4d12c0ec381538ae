import { type TrimmedCache, trimCache } from '../apt/index.ts';
import type { Host } from '../host/index.ts';
import type { Transaction } from '../transaction/index.ts';
import { type Cleanup, cleanupBy } from './cleanup.ts';
import { planCleanup } from './cleanup-plan.ts';
import { listDeployments } from './list.ts';
import type { Deployment } from './model.ts';

/** What of the past a machine keeps by itself. What is booted, staged, pinned, the default or the one to roll back to stays in any case. */
export interface Retention {
  /** So many deployments stay, those that are first in boot order. */
  readonly deployments: number;
  /** And those that are younger. */
  readonly days: number;
  /** Bytes, or a part of the file system: while less is free, older ones go although they would stay. */
  readonly free: { readonly bytes: number } | { readonly part: number };
  /** Bytes of downloaded packages. */
  readonly cacheBytes: number;
}

const DAY_SECONDS = 86_400;

/** What keeping to a retention took. */
export interface Retained extends Cleanup {
  /** Removed although they were among those to keep: too little was free. */
  readonly forSpace: readonly Deployment[];
  readonly cache: TrimmedCache;
}

/** Removes what a machine is not to keep, the oldest first. Repeatable. */
export async function retain(transaction: Transaction, retention: Retention): Promise<Retained> {
  const { host, sysroot } = transaction;
  const newerThan = host.clock().getTime() / 1000 - retention.days * DAY_SECONDS;
  const cache = trimCache(host, sysroot, retention.cacheBytes);
  let done = await cleanupBy(transaction, all => planCleanup(all, retention.deployments, newerThan));
  const forSpace: Deployment[] = [];
  while (lacksSpace(host, sysroot, retention)) {
    const last = planCleanup(listDeployments(transaction), 0).removed.at(-1);
    if (last === undefined) break;
    const next = await cleanupBy(transaction, all => ({
      removed: all.filter(one => one.id === last.id),
      kept: all.filter(one => one.id !== last.id),
    }));
    forSpace.push(last);
    done = together(done, next);
  }
  return { ...done, forSpace, cache };
}

function together(first: Cleanup, then: Cleanup): Cleanup {
  const sum = (key: 'objects' | 'images' | 'bytes') => first.pruned[key] + then.pruned[key];
  return {
    kept: then.kept,
    removed: [...first.removed, ...then.removed],
    refs: [...first.refs, ...then.refs],
    pruned: { objects: sum('objects'), images: sum('images'), bytes: sum('bytes') },
  };
}

function lacksSpace(host: Host, sysroot: string, { free }: Retention): boolean {
  const { totalBytes, availableBytes } = host.sys.space(sysroot);
  return availableBytes < ('bytes' in free ? free.bytes : free.part * totalBytes);
}
