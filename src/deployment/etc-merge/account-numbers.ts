import { byName, numbersOf } from './account-table.ts';

/** The two tables that give accounts their numbers. */
export interface AccountTables {
  readonly passwd: string;
  readonly group: string;
}

export type AccountKind = 'user' | 'group';

/** An account of the new image whose number is another account's on the machine. */
export interface Clash {
  readonly kind: AccountKind;
  readonly name: string;
  readonly number: number;
  /** Whose it is on the machine. */
  readonly holder: string;
  /** The number that it gets instead; undefined when none is free. */
  readonly free: number | undefined;
}

/** An account that both have, under different numbers. The machine's counts. */
export interface Difference {
  readonly kind: AccountKind;
  readonly name: string;
  readonly mine: number;
  readonly fresh: number;
}

export interface AccountNumbers {
  /** The tables of the new image, in which what is new to the machine has numbers that are nobody's there. */
  readonly fresh: AccountTables;
  readonly clashes: readonly Clash[];
  /** Those that were not there before this image. */
  readonly differences: readonly Difference[];
}

/** Debian Policy 9.2.2: what packages get, and what people get. */
const SYSTEM = { first: 100, last: 999 };
const PEOPLE = { first: 1000, last: 59_999 };

/**
 * Compares the numbers of accounts of different names. An account that comes with the new image and has a number which the machine gave to another
 * name gets one that is free, the same for its group where that moves as well. Names that share a number in the image itself are meant to.
 */
export function numberAccounts(sides: {
  readonly base: AccountTables;
  readonly mine: AccountTables;
  readonly fresh: AccountTables;
}): AccountNumbers {
  const { base, mine, fresh } = sides;
  const users = tableOf('user', { base: base.passwd, mine: mine.passwd, fresh: fresh.passwd });
  const groups = tableOf('group', { base: base.group, mine: mine.group, fresh: fresh.group });
  const numbers = newNumbers(users, groups);
  const withNumber =
    (to: ReadonlyMap<number, number | undefined>) =>
    (clash: Omit<Clash, 'free'>): Clash => ({ ...clash, free: to.get(clash.number) });
  return {
    fresh: {
      passwd: rewritten(fresh.passwd, users, (fields, name) => {
        const [uid, gid] = [Number(fields[2]), Number(fields[3])];
        fields[2] = String(numbers.users.get(uid) ?? fields[2]);
        fields[3] = String(groupNumber(groups, numbers.groups, { gid, name }) ?? fields[3]);
      }),
      group: rewritten(fresh.group, groups, fields => {
        fields[2] = String(numbers.groups.get(Number(fields[2])) ?? fields[2]);
      }),
    },
    clashes: [
      ...clashesOf(users).map(withNumber(numbers.users)),
      ...clashesOf(groups).map(withNumber(numbers.groups)),
    ],
    differences: [...differencesOf(users), ...differencesOf(groups)],
  };
}

/**
 * Whether a table of an image gives a name another number than before, or gives a number of a name that is gone to another one. Files on the machine
 * have the numbers of before.
 */
export function numbersMove(base: string, fresh: string): boolean {
  const [before, after] = [numbersOf(base), numbersOf(fresh)];
  const isReused = (number: number) =>
    [...after].some(([name, other]) => other === number && before.get(name) !== number);
  return [...before].some(([name, number]) => {
    const now = after.get(name);
    return now === undefined ? isReused(number) : now !== number;
  });
}

interface Table {
  readonly kind: AccountKind;
  readonly base: ReadonlyMap<string, number>;
  readonly mine: ReadonlyMap<string, number>;
  readonly fresh: ReadonlyMap<string, number>;
  /** Names that come with the new image. */
  readonly added: ReadonlySet<string>;
  /** Numbers that are somebody's on one of the sides. */
  readonly taken: Set<number>;
}

function tableOf(
  kind: AccountKind,
  texts: { readonly base: string; readonly mine: string; readonly fresh: string },
): Table {
  const [base, mine, fresh] = [numbersOf(texts.base), numbersOf(texts.mine), numbersOf(texts.fresh)];
  const known = new Set([...byName(texts.base).keys(), ...byName(texts.mine).keys()]);
  return {
    ...{ kind, base, mine, fresh },
    added: new Set([...byName(texts.fresh).keys()].filter(name => !known.has(name))),
    taken: new Set([base, mine, fresh].flatMap(numbers => [...numbers.values()])),
  };
}

function clashesOf({ kind, mine, fresh, added }: Table): Omit<Clash, 'free'>[] {
  return [...added].flatMap(name => {
    const number = fresh.get(name);
    const holder = [...mine].find(([other, id]) => id === number && fresh.get(other) !== number)?.[0];
    return number === undefined || holder === undefined ? [] : { kind, name, number, holder };
  });
}

/** The new number of each one that clashes; undefined where none is free. */
function newNumbers(users: Table, groups: Table) {
  const forUsers = new Map<number, number | undefined>();
  const forGroups = new Map<number, number | undefined>();
  const clashingGroups = clashesOf(groups);
  for (const { name, number } of clashesOf(users)) {
    if (forUsers.has(number)) continue;
    const own = clashingGroups.find(one => one.name === name && !forGroups.has(one.number));
    const free = takeFree(number, own === undefined ? [users] : [users, groups]);
    forUsers.set(number, free);
    if (own !== undefined) forGroups.set(own.number, free);
  }
  for (const { number } of clashingGroups)
    if (!forGroups.has(number)) forGroups.set(number, takeFree(number, [groups]));
  return { users: forUsers, groups: forGroups };
}

function takeFree(number: number, tables: readonly Table[]): number | undefined {
  const { first, last } = number < PEOPLE.first ? SYSTEM : PEOPLE;
  for (let id = first; id <= last; id += 1) {
    if (tables.some(({ taken }) => taken.has(id))) continue;
    for (const { taken } of tables) taken.add(id);
    return id;
  }
  return undefined;
}

/** The machine's number of the group that the image means; undefined where it has no name for it. */
function groupNumber(
  groups: Table,
  moved: ReadonlyMap<number, number | undefined>,
  { gid, name }: { readonly gid: number; readonly name: string },
): number | undefined {
  const names = [...groups.fresh].filter(([, number]) => number === gid).map(([group]) => group);
  const group = names.includes(name) ? name : names[0];
  return group === undefined ? undefined : (groups.mine.get(group) ?? moved.get(gid));
}

function rewritten(text: string, { added }: Table, change: (fields: string[], name: string) => void): string {
  const lines = byName(text);
  return text
    .split('\n')
    .map(line => {
      const fields = line.split(':');
      const [name = ''] = fields;
      if (!added.has(name) || lines.get(name) !== line) return line;
      change(fields, name);
      return fields.join(':');
    })
    .join('\n');
}

function differencesOf({ kind, base, mine, fresh }: Table): Difference[] {
  return [...fresh].flatMap(([name, number]) => {
    const own = mine.get(name);
    const isNews = own !== undefined && own !== number && base.get(name) !== number;
    return isNews ? { kind, name, mine: own, fresh: number } : [];
  });
}
