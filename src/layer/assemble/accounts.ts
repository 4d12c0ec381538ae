import type { ByteString } from '../../formats/bytes/index.ts';

/** Numbers of the users, or of the groups, of a system by name. */
export type Accounts = ReadonlyMap<string, number>;

/** Reads passwd(5) or group(5): both have the name first and the number third. The first line of a name counts. */
export function parseAccounts(text: ByteString): Accounts {
  const accounts = new Map<string, number>();
  for (const line of text.split('\n')) {
    const [name = '', , number = ''] = line.split(':');
    if (name !== '' && /^\d{1,10}$/.test(number) && !accounts.has(name)) accounts.set(name, Number(number));
  }
  return accounts;
}
