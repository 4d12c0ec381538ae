import { FormatError } from '../../errors/index.ts';
import type { ByteString } from '../../formats/bytes/index.ts';
import type { Accounts } from './accounts.ts';

/** Owner and mode that the administrator, or a package, asked for at a path. */
export interface StatOverride {
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
}

const LINE = /^(\S+) (\S+) ([0-7]{1,5}) (\/.*)$/;

/**
 * The statoverride file, by path. Owners are names or `#NUMBER`; one whose name the system does not have is left out,
 * where dpkg would refuse to work at all. FormatError with the line for anything else.
 */
export function parseStatOverrides(
  text: ByteString,
  users: Accounts,
  groups: Accounts,
): Map<ByteString, StatOverride> {
  const overrides = new Map<ByteString, StatOverride>();
  text.split('\n').forEach((line, index) => {
    if (line === '') return;
    const [, user, group, mode, path] = LINE.exec(line) ?? [];
    if (user === undefined || group === undefined || mode === undefined || path === undefined)
      throw new FormatError('statoverride', 'not a line of user, group, mode and path', { line: index + 1 });
    const uid = numberOf(user, users);
    const gid = numberOf(group, groups);
    if (uid === undefined || gid === undefined) return;
    overrides.set(path as ByteString, { uid, gid, mode: Number.parseInt(mode, 8) & 0o7777 });
  });
  return overrides;
}

function numberOf(name: string, accounts: Accounts): number | undefined {
  return /^#\d{1,10}$/.test(name) ? Number(name.slice(1)) : accounts.get(name);
}
