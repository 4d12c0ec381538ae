import { FormatError } from '../../errors/index.ts';
import { parseSourceLine } from './one-line.ts';
import type { AptSource } from './source.ts';
import { parseSourceStanza, splitSourceStanzas } from './stanzas.ts';

/** An entry and the line it begins at, from 1. */
export interface LocatedSource {
  readonly source: AptSource;
  readonly line: number;
}

/** The entries of a .list file. `onError` hears of each that apt would refuse. */
export function parseListFile(text: string, onError: (error: FormatError) => void): LocatedSource[] {
  return text
    .split(/\r?\n/)
    .flatMap((content, index) => located(index + 1, onError, () => parseSourceLine(content, index + 1)));
}

/** The entries of a .sources file that are switched on. */
export function parseSourcesFile(text: string, onError: (error: FormatError) => void): LocatedSource[] {
  return splitSourceStanzas(text, onError).flatMap(stanza =>
    located(stanza.line, onError, () => parseSourceStanza(stanza)),
  );
}

function located(
  line: number,
  onError: (error: FormatError) => void,
  parse: () => AptSource | undefined,
): LocatedSource[] {
  try {
    const source = parse();
    return source === undefined ? [] : [{ source, line }];
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    onError(error);
    return [];
  }
}
