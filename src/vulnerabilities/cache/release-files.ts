import { FormatError } from '../../errors/index.ts';
import { ensureDirectory, readFileBytes, syncDirectory } from '../../fs/index.ts';
import type { Sys } from '../../sys/index.ts';
import type { Advisory, ReleaseEntry, Vulnerability } from '../model.ts';

const FILE_MAX_BYTES = 512 * 1024 * 1024;
/** Of all distributions together there are fewer than a hundred. */
const RELEASES_MAX = 500;
const BUFFERED_CHARACTERS = 128 * 1024;
const TAB = 0x09;
const LF = 0x0a;

/** What the file of a release has. */
export interface ReleaseContent {
  readonly vulnerabilities: Vulnerability[];
  readonly advisories: Advisory[];
}

/**
 * Writes a file for each release that entries are of: a line for each, `SOURCE<TAB>JSON`, so that what is wanted of it is found without
 * reading all of it as JSON. `end` makes them durable and names the releases. Little is in memory.
 */
export function releaseFiles(sys: Sys, directory: string) {
  ensureDirectory(sys, directory);
  const open = new Map<string, { readonly fd: number; lines: string[]; characters: number }>();
  const fileOf = (release: string) => {
    const known = open.get(release);
    if (known !== undefined) return known;
    if (open.size >= RELEASES_MAX)
      throw new FormatError('data about vulnerabilities', `it is of more than ${RELEASES_MAX} releases`);
    const fd = sys.create(releasePath(directory, release), 0o644);
    sys.fchmod(fd, 0o644);
    const file = { fd, lines: [], characters: 0 };
    open.set(release, file);
    return file;
  };
  const flush = (file: { fd: number; lines: string[]; characters: number }) => {
    if (file.lines.length > 0) sys.write(file.fd, Buffer.from(file.lines.join('')));
    file.lines = [];
    file.characters = 0;
  };
  return {
    add(entries: readonly ReleaseEntry[]): void {
      for (const entry of entries) {
        const file = fileOf(entry.release);
        const { source, ...rest } = 'advisory' in entry ? entry.advisory : entry.vulnerability;
        const line = `${source}\t${JSON.stringify(rest)}\n`;
        file.lines.push(line);
        file.characters += line.length;
        if (file.characters > BUFFERED_CHARACTERS) flush(file);
      }
    },
    end(): string[] {
      for (const file of open.values()) {
        flush(file);
        sys.fsync(file.fd);
      }
      syncDirectory(sys, directory);
      return [...open.keys()].sort();
    },
    close(): void {
      for (const { fd } of open.values()) sys.close(fd);
      open.clear();
    },
  };
}

/** What the file of a release says of these source packages. FormatError for a file that is damaged. */
export function readRelease(
  sys: Sys,
  { directory, release }: { readonly directory: string; readonly release: string },
  sources: ReadonlySet<string>,
): ReleaseContent {
  const path = releasePath(directory, release);
  const data = readFileBytes(sys, path, FILE_MAX_BYTES);
  const content: ReleaseContent = { vulnerabilities: [], advisories: [] };
  for (let at = 0; at < data.length; ) {
    const end = data.indexOf(LF, at);
    const tab = data.indexOf(TAB, at);
    if (end < 0 || tab < 0 || tab > end) throw damaged(path, at);
    const source = data.toString('latin1', at, tab);
    if (sources.has(source)) addLine(content, source, () => JSON.parse(data.toString('utf8', tab + 1, end)));
    at = end + 1;
  }
  return content;

  function addLine(
    { vulnerabilities, advisories }: ReleaseContent,
    source: string,
    read: () => unknown,
  ): void {
    try {
      const entry = read() as Vulnerability & Advisory;
      if (Array.isArray(entry.ids)) advisories.push({ ...entry, source });
      else if (Array.isArray(entry.affected) && typeof entry.id === 'string')
        vulnerabilities.push({ ...entry, source });
      else throw new SyntaxError('neither');
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      throw damaged(path, 0);
    }
  }
}

function releasePath(directory: string, release: string): string {
  return `${directory}/${release}`;
}

function damaged(path: string, offset: number): FormatError {
  return new FormatError(
    path,
    'the file is damaged',
    { offset },
    {
      hint: '`sudo apt-layer cve --refresh` fetches the data anew',
    },
  );
}
