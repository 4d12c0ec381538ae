import { FormatError } from '../../errors/index.ts';
import { type ByteString, toText } from '../../formats/bytes/index.ts';

/** A line of a package's `conffiles` member. */
export interface ShippedConffile {
  readonly path: ByteString;
  /** Not in the archive: dpkg removes it when the package is upgraded. */
  readonly removeOnUpgrade: boolean;
}

const REMOVE_ON_UPGRADE = 'remove-on-upgrade ';

/**
 * The `conffiles` member of a package, in its order, as dpkg's unpack.c reads it: one path in a line, maybe after the flag
 * `remove-on-upgrade`. Lines of blanks are skipped. FormatError with the line for other flags, for paths that are
 * not absolute, and for a path with `..`.
 */
export function parsePackageConffiles(text: ByteString, packageName: string): ShippedConffile[] {
  const conffiles: ShippedConffile[] = [];
  text.split('\n').forEach((raw, index) => {
    const line = raw.trimEnd();
    if (line === '') return;
    const removeOnUpgrade = line.startsWith(REMOVE_ON_UPGRADE);
    const path = (removeOnUpgrade ? line.slice(REMOVE_ON_UPGRADE.length) : line) as ByteString;
    if (!path.startsWith('/') || path.split('/').includes('..'))
      throw new FormatError('conffiles', `not a path: ${toText(path)} (package ${packageName})`, {
        line: index + 1,
      });
    conffiles.push({ path, removeOnUpgrade });
  });
  return conffiles;
}
