import { FormatError } from '../../errors/index.ts';
import { ensureDirectory, readChunks, syncDirectory } from '../../fs/index.ts';
import type { Sys } from '../../sys/index.ts';
import { forVersions } from '../affected.ts';
import type { Advisory, ReleaseEntry, Vulnerability } from '../model.ts';

const LINE_MAX_BYTES = 64 * 1024 * 1024;
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

/** What is asked of the file of a release. */
export interface ReleaseQuestion {
  readonly directory: string;
  readonly release: string;
  /** Versions by source package. */
  readonly sources: ReadonlyMap<string, readonly string[]>;
  /** Also say what is known and in none of these versions: other data is not to count for it. */
  readonly keepsUnaffected: boolean;
}

/** What the file of a release says, read in pieces. FormatError for a file that is damaged. */
export function readRelease(sys: Sys, question: ReleaseQuestion): ReleaseContent {
  const path = releasePath(question.directory, question.release);
  const content: ReleaseContent = { vulnerabilities: [], advisories: [] };
  let rest: Buffer = Buffer.alloc(0);
  for (const chunk of readChunks(sys, path)) {
    const data = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    for (let end = data.indexOf(LF); end >= 0; end = data.indexOf(LF, at)) {
      const tab = data.indexOf(TAB, at);
      if (tab < 0 || tab > end) throw damaged(path);
      const source = data.toString('latin1', at, tab);
      const versions = question.sources.get(source);
      if (versions !== undefined) addLine(data.toString('utf8', tab + 1, end), { source, versions });
      at = end + 1;
    }
    // The chunk is overwritten by the next one.
    rest = Buffer.from(data.subarray(at));
    if (rest.length > LINE_MAX_BYTES) throw damaged(path);
  }
  if (rest.length > 0) throw damaged(path);
  return content;

  function addLine(
    text: string,
    { source, versions }: { source: string; versions: readonly string[] },
  ): void {
    try {
      const entry = JSON.parse(text) as Vulnerability & Advisory;
      if (Array.isArray(entry.ids)) content.advisories.push({ ...entry, source });
      else if (Array.isArray(entry.affected) && typeof entry.id === 'string') {
        const kept = forVersions({ ...entry, source }, versions);
        if (kept.affected.length > 0 || kept.undetermined === true || question.keepsUnaffected)
          content.vulnerabilities.push(kept);
      } else throw new SyntaxError('neither');
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      throw damaged(path);
    }
  }
}

function releasePath(directory: string, release: string): string {
  return `${directory}/${release}`;
}

function damaged(path: string): FormatError {
  return new FormatError(
    path,
    'the file is damaged',
    {},
    {
      hint: '`sudo apt-layer cve --refresh` fetches the data anew',
    },
  );
}
