import { SECRET_PATHS } from '../../layer/index.ts';

/**
 * Files of the machine, which no image knows better about: its identity, its secrets, and what programs write there while it runs.
 * Below /etc; `*` stands for any part of a name.
 */
const MACHINE: readonly string[] = [
  '/machine-id',
  '/hostname',
  '/hosts',
  '/adjtime',
  '/localtime',
  '/resolv.conf',
  '/mtab',
  '/.updated',
  '/.pwd.lock',
  '/*-',
  ...SECRET_PATHS.filter(path => path.startsWith('/etc/')).map(path => path.slice('/etc'.length)),
];

/** Made from what else the image has, and wrong beside anything else. */
const IMAGE: readonly string[] = ['/ld.so.cache'];

/** Tables of accounts, by line, and which of their fields are lists of members. */
const ACCOUNTS: Readonly<Record<string, readonly number[]>> = {
  '/passwd': [],
  '/shadow': [],
  '/subuid': [],
  '/subgid': [],
  '/group': [3],
  '/gshadow': [2, 3],
};

const pattern = (path: string) =>
  new RegExp(
    `^${path
      .split('*')
      .map(part => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
      .join('[^/]*')}$`,
  );
const MACHINE_PATTERNS = MACHINE.map(pattern);

export function isOfMachine(path: string): boolean {
  return MACHINE_PATTERNS.some(one => one.test(path));
}

export function isOfImage(path: string): boolean {
  return IMAGE.includes(path);
}

/** The list fields of a table of accounts; undefined for any other file. */
export function accountLists(path: string): readonly number[] | undefined {
  return Object.hasOwn(ACCOUNTS, path) ? ACCOUNTS[path] : undefined;
}

/** Whether the table gives accounts their numbers. */
export function hasNumbers(path: string): boolean {
  return path === '/passwd' || path === '/group';
}

export function isAccountTable(path: string): boolean {
  return accountLists(path) !== undefined;
}
