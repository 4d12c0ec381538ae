import { type ByteString, toText } from '../formats/bytes/index.ts';
import { fieldValue, parseStanzas } from '../formats/deb822/index.ts';
import { originOf } from './advisories.ts';
import { failing } from './failing.ts';
import { parseSize } from './simulation.ts';
import { type AptTarget, callApt } from './target.ts';

/** A source whose index files are at hand. */
export interface SourceLists {
  readonly uri: string;
  /** As the source names it. */
  readonly suite: string;
  readonly label: string;
  readonly codename: string;
}

/** What an update did about one source. */
export interface SourceUpdate {
  readonly uri: string;
  readonly suite: string;
  /** `unchanged`: what is at hand is what the archive has. */
  readonly state: 'fetched' | 'unchanged';
  /** What was fetched, as apt rounds it. */
  readonly bytes: number;
}

/** The sources of the target of which there are index files, in apt's order. */
export async function sourcesWithLists(target: AptTarget): Promise<SourceLists[]> {
  const command = ['apt-get', 'indextargets'];
  const listed = await failing(target, () => callApt(target, { command }));
  const found = new Map<string, SourceLists>();
  for (const stanza of parseStanzas(listed.stdout)) {
    const text = (name: string) => toText(fieldValue(stanza, name) ?? ('' as ByteString));
    const [uri, suite] = [withoutSlash(text('Repo-URI')), text('Release')];
    const { label, codename } = originOf(stanza);
    found.set(`${uri} ${suite}`, { uri, suite, label, codename });
  }
  return [...found.values()];
}

/** Reads the lines of `apt-get update`: `Hit:1 URI SUITE InRelease`, `Get:2 URI SUITE/COMPONENT ... [12 kB]`. */
export function parseUpdate(output: string): SourceUpdate[] {
  const found = new Map<string, SourceUpdate>();
  for (const line of output.split('\n')) {
    const [, word, address = '', name = '', rest = ''] =
      /^(Hit|Get):\d+ (\S+) ([^\s/]+(?:\/(?=\s))?)(.*)$/.exec(line) ?? [];
    if (word === undefined) continue;
    const [uri, suite] = [withoutSlash(address), name];
    const before = found.get(`${uri} ${suite}`);
    const bytes = word === 'Get' ? parseSize(/\[([\d.,]+ [kMG]?B)\]$/.exec(rest)?.[1] ?? '') : 0;
    found.set(`${uri} ${suite}`, {
      uri,
      suite,
      state: word === 'Get' || before?.state === 'fetched' ? 'fetched' : 'unchanged',
      bytes: bytes + (before?.bytes ?? 0),
    });
  }
  return [...found.values()];
}

function withoutSlash(uri: string): string {
  return uri.replace(/\/+$/, '');
}
