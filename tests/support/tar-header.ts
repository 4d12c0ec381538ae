import { fromText } from '../../src/formats/bytes/index.ts';
import type { TarHeader } from '../../src/formats/tar/index.ts';

/** An empty file `x` of root's; tests change what they are about. */
export const PLAIN_HEADER: TarHeader = {
  path: fromText('x'),
  type: 'file',
  linkTarget: fromText(''),
  mode: 0o644,
  uid: 0,
  gid: 0,
  uname: fromText(''),
  gname: fromText(''),
  size: 0,
  mtime: 0,
  mtimeNsec: 0,
  rdev: 0,
  xattrs: undefined,
};
