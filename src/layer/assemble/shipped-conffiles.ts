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
 * `remove-on-upgrade`; blanks behind it and empty lines do not count. FormatError with the line and dpkg's reason for another flag,
 * a path that is not absolute, a last line that does not end, and for a path with `..`.
 */
export function parsePackageConffiles(text: ByteString, packageName: string): ShippedConffile[] {
  const conffiles: ShippedConffile[] = [];
  const lines = text.split('\n');
  const refuse = (reason: string, line: number): never => {
    throw new FormatError(
      'conffiles',
      `${reason} (package ${packageName})`,
      { line },
      { hint: 'build the package again with a right `conffiles`; deb-conffiles(5) describes it' },
    );
  };
  lines.forEach((raw, index) => {
    const line = raw.trimEnd();
    if (line === '') return;
    const shown = (path: string) => toText(path as ByteString);
    const removeOnUpgrade = line.startsWith(REMOVE_ON_UPGRADE);
    const path = (removeOnUpgrade ? line.slice(REMOVE_ON_UPGRADE.length) : line) as ByteString;
    const [, flag, of = ''] = /^(\S+)\s+(\/.*)$/.exec(path) ?? [];
    if (flag !== undefined && !flag.startsWith('/'))
      refuse(`unknown flag '${shown(flag)}' for conffile '${shown(of)}'`, index + 1);
    if (!path.startsWith('/'))
      refuse(`conffile name '${shown(path)}' is not an absolute pathname`, index + 1);
    if (path.split('/').includes('..')) refuse(`conffile name '${shown(path)}' has a ..`, index + 1);
    if (index === lines.length - 1)
      refuse(`conffile name '${shown(path)}' is too long, or missing final newline`, index + 1);
    conffiles.push({ path, removeOnUpgrade });
  });
  return conffiles;
}
