import { FormatError } from '../../errors/index.ts';

const DAMAGED = 'fetch the archive again, or pack it again with GNU tar or dpkg-deb';

/** Refuses an archive. `offset` is that of the block the reason is about. */
export function refuse(reason: string, offset: number, hint = DAMAGED): never {
  throw new FormatError('tar', reason, { offset }, { hint });
}
