import { FormatError } from '../../errors/index.ts';
import { type ByteString, toText } from '../bytes/index.ts';
import { fieldLines, joinFieldLines } from './lines.ts';

/** A line of the `Conffiles` field of dpkg's status file. */
export interface Conffile {
  readonly path: ByteString;
  /** MD5 in hex of the file as shipped; `newconffile` before it is configured, `nonexistent` when the user removed it. */
  readonly hash: string;
  /** No longer shipped by the package. */
  readonly obsolete: boolean;
  readonly removeOnUpgrade: boolean;
}

const OBSOLETE = ' obsolete';
const REMOVE_ON_UPGRADE = ' remove-on-upgrade';
const LINE = /^(\/[^\n]*?) ([0-9a-f]{32}|newconffile|nonexistent)$/;

/**
 * The entries of a `Conffiles` field. Flags and hash are taken from the end of a line, as dpkg does, since paths may have
 * blanks. `line` is that of the field, for errors.
 */
export function parseConffiles(value: ByteString, line: number): Conffile[] {
  return fieldLines(value).map((text, index) => {
    const removeOnUpgrade = text.endsWith(REMOVE_ON_UPGRADE);
    const flagged = removeOnUpgrade ? text.slice(0, -REMOVE_ON_UPGRADE.length) : text;
    const obsolete = flagged.endsWith(OBSOLETE);
    const match = LINE.exec(obsolete ? flagged.slice(0, -OBSOLETE.length) : flagged);
    if (match === null) {
      throw new FormatError('deb822', `not a Conffiles entry: ${toText(text.slice(0, 200) as ByteString)}`, {
        line: line + index + 1,
      });
    }
    return { path: match[1] as ByteString, hash: match[2]!, obsolete, removeOnUpgrade };
  });
}

export function serializeConffiles(conffiles: readonly Conffile[]): ByteString {
  const lines = conffiles.map(({ path, hash, obsolete, removeOnUpgrade }) => {
    const flags = `${obsolete ? OBSOLETE : ''}${removeOnUpgrade ? REMOVE_ON_UPGRADE : ''}`;
    return `${path} ${hash}${flags}` as ByteString;
  });
  return joinFieldLines(lines);
}
