import { FormatError } from '../../errors/index.ts';
import type { ByteString } from '../../formats/bytes/index.ts';

/** A path that dpkg stores elsewhere, for every package but one. */
export interface Diversion {
  readonly from: ByteString;
  readonly to: ByteString;
  /** The package whose own file stays at `from`; undefined for a local diversion, which has none. */
  readonly owner: string | undefined;
}

/** The diversions file: three lines each. FormatError when one is cut short or is not of absolute paths. */
export function parseDiversions(text: ByteString): Diversion[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const diversions: Diversion[] = [];
  for (let i = 0; i < lines.length; i += 3) {
    const [from = '', to = '', owner = ''] = lines.slice(i, i + 3);
    if (!from.startsWith('/') || !to.startsWith('/') || owner === '' || to.split('/').includes('..'))
      throw new FormatError('diversions', 'not three lines of two paths and a package', { line: i + 1 });
    diversions.push({
      from: from as ByteString,
      to: to as ByteString,
      owner: owner === ':' ? undefined : owner,
    });
  }
  return diversions;
}
