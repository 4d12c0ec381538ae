import { FormatError } from '../../errors/index.ts';

const DAMAGED = 'fetch the archive again; when it is the same then, tell whoever made it';

/** For what only its maker can mend: `tar --format=posix` makes what every reader takes. */
export const OTHER_FORM =
  'unpack it with another program and import the directory, or ask its maker for one by `tar --format=posix`';

/** For what dpkg refuses, too. */
export const GNU_FORM =
  'dpkg refuses it, too: ask its maker for a package that dpkg-deb or `tar --format=gnu` made';

/** Refuses an archive. `offset` is that of the block the reason is about. */
export function refuse(reason: string, offset: number, hint = DAMAGED): never {
  throw new FormatError('tar', reason, { offset }, { hint });
}
