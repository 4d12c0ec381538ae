import { createGunzip } from 'node:zlib';
import { AptLayerError } from '../errors/index.ts';
import { compareVersions, isVersion } from '../formats/debversion/index.ts';

/** What one version brought, as a changelog says it (deb-changelog(5)). */
export interface ChangelogEntry {
  readonly version: string;
  /** `trixie`, `trixie-security`, `unstable` ... */
  readonly distributions: string;
  readonly urgency: string;
  /** The lines between head and foot, without blank ones at either end. */
  readonly text: string;
  readonly author: string;
  readonly date: string;
}

/** Entries of a changelog, newest first. */
export interface Changelog {
  readonly entries: readonly ChangelogEntry[];
  /** There is more than was read. */
  readonly truncated: boolean;
}

/** More is never unpacked: the newest entries come first, and kernels have changelogs of tens of megabytes. */
const UNPACKED_MAX_BYTES = 4 * 1024 * 1024;
const ENTRIES_MAX = 200;
const TEXT_MAX_CHARACTERS = 64 * 1024;

const HEAD = /^([a-z0-9][a-z0-9+._-]*) \(([^()\s]{1,200})\)((?: [\w.+-]{1,100}){0,20});(.{0,1000})$/i;
const FOOT = /^ -- (.{0,500}?) {2}(.{0,100})$/;

/**
 * The beginning of a compressed or plain changelog as text; what is no UTF-8 is replaced. FORMAT for data that is
 * damaged before anything could be read.
 */
export async function changelogText(
  bytes: Buffer,
  maxBytes = UNPACKED_MAX_BYTES,
): Promise<{ text: string; truncated: boolean }> {
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  const { data, truncated } = isGzip
    ? await unpacked(bytes, maxBytes)
    : { data: bytes.subarray(0, maxBytes), truncated: bytes.length > maxBytes };
  return { text: data.toString('utf8'), truncated };
}

async function unpacked(bytes: Buffer, maxBytes: number): Promise<{ data: Buffer; truncated: boolean }> {
  const chunks: Buffer[] = [];
  let size = 0;
  const stream = createGunzip();
  stream.end(bytes);
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > maxBytes) break;
    }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    // What came before the damage is as good as ever.
    if (size === 0)
      throw new AptLayerError('FORMAT', `the changelog cannot be unpacked: ${error.message}`, {
        cause: error,
      });
    return { data: Buffer.concat(chunks).subarray(0, maxBytes), truncated: true };
  }
  return { data: Buffer.concat(chunks).subarray(0, maxBytes), truncated: size > maxBytes };
}

/**
 * The entries newer than `after` and not newer than `upTo`. Reads on until an entry is not newer than `after`; lines
 * that belong to no entry are passed over, so any text is taken.
 */
export function parseChangelog(
  source: { readonly text: string; readonly truncated: boolean },
  range: { readonly after: string; readonly upTo: string },
): Changelog {
  const entries: ChangelogEntry[] = [];
  for (const entry of entriesOf(source.text)) {
    if (compareVersions(entry.version, range.after) <= 0) return { entries, truncated: false };
    if (compareVersions(entry.version, range.upTo) > 0) continue;
    if (entries.length === ENTRIES_MAX) return { entries, truncated: true };
    entries.push(entry);
  }
  return { entries, truncated: source.truncated };
}

interface OpenEntry {
  readonly version: string;
  readonly distributions: string;
  readonly urgency: string;
  readonly lines: string[];
  length: number;
}

function* entriesOf(text: string): Generator<ChangelogEntry, void, undefined> {
  let open: OpenEntry | undefined;
  for (const line of linesOf(text)) {
    const begun = headOf(line);
    if (begun !== undefined) {
      if (open !== undefined) yield closed(open, { author: '', date: '' });
      open = begun;
      continue;
    }
    if (open === undefined) continue;
    const [, author, date] = FOOT.exec(line) ?? [];
    if (author !== undefined && date !== undefined) {
      yield closed(open, { author, date });
      open = undefined;
    } else if (open.length + line.length <= TEXT_MAX_CHARACTERS) {
      open.lines.push(line.trimEnd());
      open.length += line.length + 1;
    }
  }
  if (open !== undefined) yield closed(open, { author: '', date: '' });
}

function* linesOf(text: string): Generator<string, void, undefined> {
  for (let at = 0; at < text.length; ) {
    const newline = text.indexOf('\n', at);
    const end = newline < 0 ? text.length : newline;
    yield text.slice(at, end);
    at = end + 1;
  }
}

function headOf(line: string): OpenEntry | undefined {
  // Most lines are indented; a head never is.
  if (line === '' || line.startsWith(' ')) return undefined;
  const [, , version, distributions = '', keys = ''] = HEAD.exec(line) ?? [];
  if (version === undefined || !isVersion(version)) return undefined;
  const urgency = /(?:^|[\s,])urgency=([\w-]+)/i.exec(keys)?.[1] ?? '';
  return { version, distributions: distributions.trim(), urgency, lines: [], length: 0 };
}

function closed(
  { version, distributions, urgency, lines }: OpenEntry,
  foot: { author: string; date: string },
): ChangelogEntry {
  const text = lines.join('\n').replace(/^\n+|\n+$/g, '');
  return { version, distributions, urgency, text, ...foot };
}
