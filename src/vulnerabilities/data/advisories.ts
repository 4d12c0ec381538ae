import { FormatError } from '../../errors/index.ts';
import { type ReleaseEntry, releaseKey } from '../model.ts';

const NAME = 'list of advisories';
const LINE_MAX = 64 * 1024;

/**
 * Reads the lists of advisories (`data/DSA/list` and `data/DLA/list` of the security tracker) in pieces: a line
 * `[DATE] DSA-5703-1 linux - security update`, below it, indented, `{CVE-...}` and `[bookworm] - linux VERSION`.
 */
export function advisoriesReader() {
  let rest = '';
  let line = 0;
  let count = 0;
  let name = '';
  let ids: readonly string[] = [];
  const entriesIn = (text: string): ReleaseEntry[] => {
    line += 1;
    if (text.trim() === '') return [];
    const head = /^\[[^\]]{1,40}\] ([A-Z]+-\d{1,6}(?:-\d{1,4})?)(?:\s|$)/.exec(text)?.[1];
    if (head !== undefined) {
      [name, ids] = [head, []];
      count += 1;
      return [];
    }
    if (name === '' || !/^\s/.test(text)) throw new FormatError(NAME, 'this is in no advisory', { line });
    const braces = /^\s+\{([^}]*)\}\s*$/.exec(text)?.[1];
    if (braces !== undefined) ids = braces.split(/\s+/).filter(one => /^[A-Z]+-[\w-]+$/.test(one));
    const [, release, source] = /^\s+\[([a-z][a-z0-9-]*)\] - ([a-z0-9][a-z0-9+.-]*)(?:\s|$)/.exec(text) ?? [];
    if (release === undefined || source === undefined || ids.length === 0) return [];
    return [{ release: releaseKey('debian', release), advisory: { name, source, ids } }];
  };
  return {
    push(piece: Buffer): ReleaseEntry[] {
      const lines = (rest + piece.toString('latin1')).split('\n');
      rest = lines.pop() ?? '';
      if (rest.length > LINE_MAX) throw new FormatError(NAME, 'a line has no end', { line });
      return lines.flatMap(entriesIn);
    },
    end(): ReleaseEntry[] {
      const last = entriesIn(rest);
      if (count === 0) throw new FormatError(NAME, 'there is no advisory in it');
      return last;
    },
  };
}
