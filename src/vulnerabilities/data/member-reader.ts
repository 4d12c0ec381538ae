import { FormatError } from '../../errors/index.ts';
import { type JsonMember, memberScanner } from '../../formats/json/index.ts';
import type { ReleaseEntry } from '../model.ts';

/** Reads data that is JSON in pieces, one member after the other. FormatError, with the words of `empty`, for data without any. */
export function memberReader(
  scan: Parameters<typeof memberScanner>[0],
  {
    empty,
    entriesOf,
  }: { readonly empty: string; readonly entriesOf: (member: JsonMember) => ReleaseEntry[] },
) {
  const scanner = memberScanner(scan);
  let count = 0;
  return {
    push(piece: Buffer): ReleaseEntry[] {
      const members = scanner.push(piece);
      count += members.length;
      return members.flatMap(entriesOf);
    },
    end(): ReleaseEntry[] {
      scanner.end();
      if (count === 0) throw new FormatError(scan.name, empty);
      return [];
    },
  };
}
