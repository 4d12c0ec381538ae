import fs from 'node:fs';
import { compareTrees, type Difference, sortRecords } from '../support/compare-trees.ts';
import { ACCOUNTS, DOCUMENTED } from './documented.ts';

export interface Judgement {
  /** Differences that nothing explains. */
  readonly differences: readonly Difference[];
  /** How many differences there are for each documented reason. */
  readonly explained: ReadonlyMap<string, number>;
}

const DRIFT = 'numbers of accounts, by order of configuration';

/** What differs between two roots, without what is documented to. */
export function judge(theirs: string, ours: string): Judgement {
  const explained = new Map<string, number>();
  const count = (reason: string) => explained.set(reason, (explained.get(reason) ?? 0) + 1);
  const names = [accountsOf(theirs), accountsOf(ours)] as const;
  const differences: Difference[] = [];
  for (const one of compareTrees(theirs, ours, { normalise })) {
    const reason = DOCUMENTED.find(({ pattern }) => pattern.test(one.path))?.reason;
    if (reason !== undefined) count(reason);
    else if (one.class === 'owner' && isDrift(one.detail, names)) count(DRIFT);
    else differences.push(one);
  }
  return { differences, explained };
}

/** Accounts without numbers and days, and records that are sets, as sets. */
function normalise(path: string, content: Buffer): Buffer {
  if (!ACCOUNTS.test(path)) return sortRecords(path, content);
  const lines = content
    .toString('latin1')
    .split('\n')
    .map(line =>
      line
        .split(':')
        .map(field => (/^\d+$/.test(field) ? '#' : field.split(',').sort().join(',')))
        .join(':')
        // The last change of a password that is none.
        .replace(/^([^:]*:[!*][^:]*:)#:/, '$1:'),
    );
  return Buffer.from(lines.sort().join('\n'), 'latin1');
}

interface AccountNames {
  readonly users: ReadonlyMap<string, string>;
  readonly groups: ReadonlyMap<string, string>;
}

function accountsOf(root: string): AccountNames {
  const read = (file: string) => {
    const found = new Map<string, string>();
    for (const line of fs.readFileSync(`${root}/etc/${file}`, 'utf8').split('\n')) {
      const [name, , id] = line.split(':');
      if (name !== undefined && id !== undefined) found.set(id, name);
    }
    return found;
  };
  return { users: read('passwd'), groups: read('group') };
}

/** Whether `UID:GID -> UID:GID` are the same accounts. */
function isDrift(detail: string, [theirs, ours]: readonly [AccountNames, AccountNames]): boolean {
  const match = /^(\d+):(\d+) -> (\d+):(\d+)$/.exec(detail);
  if (match === null) return false;
  const [, uid = '', gid = '', otherUid = '', otherGid = ''] = match;
  const name = (names: ReadonlyMap<string, string>, id: string) => names.get(id) ?? id;
  return (
    name(theirs.users, uid) === name(ours.users, otherUid) &&
    name(theirs.groups, gid) === name(ours.groups, otherGid)
  );
}
