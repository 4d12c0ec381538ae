import { AptLayerError } from '../errors/index.ts';

/** The account files of an /etc; undefined for one that does not exist. */
export interface AccountFiles {
  readonly passwd: string;
  readonly group: string;
  readonly shadow: string | undefined;
  readonly gshadow: string | undefined;
  readonly subuid: string | undefined;
  readonly subgid: string | undefined;
}

export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

/** Groups that Debian's installer puts the first user into, and sudo. */
const GROUPS = ['sudo', 'adm', 'cdrom', 'dip', 'plugdev', 'audio', 'video', 'users', 'netdev'];
const FIRST_ID = 1000;
const LAST_ID = 59_999;
/** Subordinate ids, for containers of the user; as useradd(8) gives them to the first. */
const SUBORDINATE = '100000:65536';
const NAME = /^[a-z_][a-z0-9_-]{0,31}$/;

/** Refuses (USAGE) a name that useradd would refuse. */
export function checkUserName(name: string): void {
  if (NAME.test(name)) return;
  throw new AptLayerError('USAGE', `--user: ${JSON.stringify(name)} cannot be the name of a user`, {
    hint: 'use up to 32 of a-z, 0-9, _ and -, beginning with a letter or _',
  });
}

/**
 * Adds a person's account, able to use sudo where the image has it. FAILED when there is a group of that name, whose
 * members somebody else decides on.
 */
export function addUser(files: AccountFiles, name: string): AccountFiles {
  checkUserName(name);
  if (fieldsOf(files.group).some(([taken]) => taken === name))
    throw new AptLayerError('FAILED', `the image has a group ${JSON.stringify(name)} already`, {
      hint: 'give --user another name',
    });
  const uid = freeId(files.passwd);
  const gid = freeId(files.group, uid);
  const member = (text: string) => withMember(text, name);
  return {
    passwd: append(files.passwd, `${name}:x:${uid}:${gid}:${name}:/home/${name}:/bin/bash`),
    group: append(member(files.group), `${name}:x:${gid}:`),
    shadow: files.shadow === undefined ? undefined : append(files.shadow, `${name}:!::0:99999:7:::`),
    gshadow: files.gshadow === undefined ? undefined : append(member(files.gshadow), `${name}:!::`),
    subuid: files.subuid === undefined ? undefined : append(files.subuid, `${name}:${SUBORDINATE}`),
    subgid: files.subgid === undefined ? undefined : append(files.subgid, `${name}:${SUBORDINATE}`),
  };
}

/** Sets the hashed password of an account in a text of shadow(5), or without shadow of passwd(5). FAILED without that account. */
export function withPassword(text: string, name: string, hash: string): string {
  let found = false;
  const lines = text.split('\n').map(line => {
    const fields = line.split(':');
    if (fields[0] !== name || fields.length < 2) return line;
    found = true;
    return [name, hash, ...fields.slice(2)].join(':');
  });
  if (!found)
    throw new AptLayerError(
      'FAILED',
      `the image has no account ${JSON.stringify(name)} to give a password to`,
    );
  return lines.join('\n');
}

/** The owner and the home of an account in a text of passwd(5). */
export function findAccount(passwd: string, name: string): Account | undefined {
  const found = fieldsOf(passwd).find(([taken]) => taken === name);
  if (found === undefined) return undefined;
  return { name, uid: Number(found[2]), gid: Number(found[3]), home: found[5] ?? '' };
}

function fieldsOf(text: string): string[][] {
  return text.split('\n').map(line => line.split(':'));
}

function freeId(text: string, wanted = FIRST_ID): number {
  const taken = new Set(fieldsOf(text).map(fields => Number(fields[2])));
  let id = wanted;
  while (taken.has(id) && id < LAST_ID) id += 1;
  return id;
}

/** Members are the last field, separated by commas, in group(5) and gshadow(5) alike. */
function withMember(text: string, name: string): string {
  return text
    .split('\n')
    .map(line => {
      const fields = line.split(':');
      if (fields.length !== 4 || !GROUPS.includes(fields[0] ?? '')) return line;
      const members = [...(fields[3] ?? '').split(',').filter(one => one !== ''), name].join(',');
      return [...fields.slice(0, 3), members].join(':');
    })
    .join('\n');
}

function append(text: string, line: string): string {
  return `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${line}\n`;
}
