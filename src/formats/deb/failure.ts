import { FormatError } from '../../errors/index.ts';

/** Refuses a package file. `offset` is where in it the reason is. */
export function refuse(
  reason: string,
  offset: number,
  hint = 'fetch the package again; `dpkg-deb --info FILE` says what dpkg makes of it',
): never {
  throw new FormatError('deb', reason, { offset }, { hint });
}
