import type { RegularFile, Tree } from '../../formats/tree/index.ts';
import { parseAccounts } from '../assemble/index.ts';
import { textAt } from './content.ts';

/** Numbers of accounts by name. */
export interface AccountIds {
  readonly users: Readonly<Record<string, number>>;
  readonly groups: Readonly<Record<string, number>>;
}

/** Debian Policy 9.2.2: numbers that packages get in the order in which they ask. */
const DYNAMIC_FIRST = 100;
const DYNAMIC_LAST = 999;

export function isDynamic(id: number): boolean {
  return id >= DYNAMIC_FIRST && id <= DYNAMIC_LAST;
}

/** Other names are never packages'; a lock could not have them. */
const NAME = /^[A-Za-z_][A-Za-z0-9_.-]*\$?$/;

/** The accounts of a tree whose numbers depend on the order in which packages were configured. */
export function accountIds(tree: Tree, read: (file: RegularFile) => Buffer): AccountIds {
  const idsOf = (path: string) =>
    Object.fromEntries(
      [...parseAccounts(textAt(tree, path, read))].filter(([name, id]) => NAME.test(name) && isDynamic(id)),
    );
  return { users: idsOf('/etc/passwd'), groups: idsOf('/etc/group') };
}

/** All of both; what `first` says counts. */
export function mergeIds(first: AccountIds, second: AccountIds): AccountIds {
  return {
    users: { ...second.users, ...first.users },
    groups: { ...second.groups, ...first.groups },
  };
}

/**
 * The new number of each number that has to change so that accounts have those that are known for them. Others keep theirs
 * unless a known account has it, and then take the lowest that is free.
 */
export function renumbering(
  accounts: readonly (readonly [name: string, id: number])[],
  known: Readonly<Record<string, number>>,
): Map<number, number> {
  const wanted = new Map<number, number>();
  const reserved = new Set(Object.values(known));
  const taken = new Set([...reserved, ...accounts.map(([, id]) => id)]);
  const given = new Set<number>();
  for (const [name, id] of accounts) {
    const target = Object.hasOwn(known, name) ? known[name] : undefined;
    if (target === undefined || !isDynamic(id) || wanted.has(id) || given.has(target)) continue;
    wanted.set(id, target);
    given.add(target);
  }
  for (const [, id] of [...accounts].sort(([, a], [, b]) => a - b)) {
    if (wanted.has(id) || !isDynamic(id) || !reserved.has(id)) continue;
    const free = lowestFree(taken);
    taken.add(free);
    wanted.set(id, free);
  }
  return new Map([...wanted].filter(([from, to]) => from !== to));
}

function lowestFree(taken: ReadonlySet<number>): number {
  for (let id = DYNAMIC_FIRST; id <= DYNAMIC_LAST; id += 1) if (!taken.has(id)) return id;
  throw new Error('no number is left for an account');
}
