import fs from 'node:fs';

/** Names of the numbers in one root. */
export interface AccountNames {
  readonly users: ReadonlyMap<number, string>;
  readonly groups: ReadonlyMap<number, string>;
}

/** Debian Policy 9.2.2: packages get these in the order in which they ask. */
const DYNAMIC = { first: 100, last: 999 } as const;

export function isDynamic(id: number): boolean {
  return id >= DYNAMIC.first && id <= DYNAMIC.last;
}

/** Reads /etc/passwd and /etc/group of a root; one that is not there has no names. */
export function accountNames(root: string): AccountNames {
  const read = (file: string) => {
    const names = new Map<number, string>();
    const path = `${root}/etc/${file}`;
    if (!fs.existsSync(path)) return names;
    for (const line of fs.readFileSync(path, 'latin1').split('\n')) {
      const [name, , id] = line.split(':');
      if (name !== undefined && id !== undefined && !names.has(Number(id))) names.set(Number(id), name);
    }
    return names;
  };
  return { users: read('passwd'), groups: read('group') };
}

/** `UID:GID` with the name in place of each number that is given out in order. */
export function ownerByName({ uid, gid }: { uid: number; gid: number }, names: AccountNames): string {
  return `${nameOf(uid, names.users)}:${nameOf(gid, names.groups)}`;
}

function nameOf(id: number, names: ReadonlyMap<number, string>): string {
  return isDynamic(id) ? (names.get(id) ?? String(id)) : String(id);
}

/** How each database of accounts is made comparable: numbers that are given out in order become names. */
const NUMBERS: Readonly<Record<string, (fields: string[], names: AccountNames) => string[]>> = {
  passwd: ([name = '', password = '', uid = '', gid = '', ...rest], names) => [
    name,
    password,
    isDynamic(Number(uid)) ? '#' : uid,
    nameOf(Number(gid), names.groups),
    ...rest,
  ],
  group: ([name = '', password = '', gid = '', members = '']) => [
    name,
    password,
    isDynamic(Number(gid)) ? '#' : gid,
    sorted(members),
  ],
  // The day on which an account got a password that is none is that of the build.
  shadow: ([name = '', password = '', day = '', ...rest]) => [
    name,
    password,
    /^[!*]/.test(password) ? '#' : day,
    ...rest,
  ],
  gshadow: ([name = '', password = '', admins = '', members = '']) => [
    name,
    password,
    sorted(admins),
    sorted(members),
  ],
  subuid: ([name = '', , count = '']) => [name, '#', count],
  subgid: ([name = '', , count = '']) => [name, '#', count],
};

/** The name of a database of accounts, from its path; undefined for any other file. */
export function accountDatabase(path: string): string | undefined {
  const name = path.startsWith('/etc/') ? path.slice('/etc/'.length) : '';
  return Object.hasOwn(NUMBERS, name) ? name : undefined;
}

/** The accounts of a database by name, without what depends on order and day. */
export function parseAccounts(database: string, text: string, names: AccountNames): Map<string, string> {
  const without = NUMBERS[database];
  if (without === undefined) throw new Error(`no database of accounts: ${database}`);
  const found = new Map<string, string>();
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const fields = line.split(':');
    found.set(fields[0] ?? '', without(fields, names).join(':'));
  }
  return found;
}

function sorted(members: string): string {
  return members.split(',').sort().join(',');
}
