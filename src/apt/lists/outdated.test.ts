import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { scratchDirectory, testHost } from '../../../tests/support/host.ts';
import type { ProgressEvent } from '../../report/index.ts';
import { aptCache } from '../cache.ts';
import type { SignedSource } from '../image-sources.ts';
import { outdatedArchives } from './outdated.ts';

const NOW = new Date('2025-06-01T00:00:00Z');
const SOURCE: SignedSource = {
  ...{ types: ['deb'], uris: ['http://mirror.example.org/debian'], suites: ['trixie'], components: ['main'] },
  ...{ architectures: [], options: {}, signedBy: undefined, keyrings: [], fingerprints: [] },
  ...{ file: '', where: '', name: '', bySpec: false },
};

function outdated(release: string, source: Partial<SignedSource>): [string[], string[]] {
  using scratch = scratchDirectory();
  const events: ProgressEvent[] = [];
  const host = testHost({ clock: () => NOW, report: { emit: event => events.push(event) } });
  const cache = aptCache(scratch.path, 'key');
  fs.mkdirSync(cache.lists, { recursive: true });
  fs.writeFileSync(cache.sources, `Types: deb\nURIs: ${SOURCE.uris[0]}\nSuites: trixie\nComponents: main\n`);
  fs.writeFileSync(`${cache.lists}/mirror.example.org_debian_dists_trixie_InRelease`, release);
  const set = { sources: [{ ...SOURCE, ...source }], trusted: [], architectures: ['amd64'] };
  const found = outdatedArchives(host, { set, cache });
  return [found, events.flatMap(event => (event.type === 'log' ? [event.text] : []))];
}

describe('lists that are out of date', () => {
  const archive = 'http://mirror.example.org/debian trixie';
  const expired = 'Date: Sat, 10 May 2025 00:00:00 UTC\nValid-Until: Sat, 31 May 2025 00:00:00 UTC\n';

  it.each<[string, string, Partial<SignedSource>, RegExp]>([
    [
      'the host',
      expired,
      { datesOfHost: true },
      /since this machine's apt .*: http:\S+ trixie \(expired on Sat, 31/,
    ],
    ['the spec', expired, { options: { 'check-valid-until': 'no' } }, /since the spec says so .*: /],
    ['nobody', expired, {}, /since they were fetched before that: /],
    ['the host', 'Date: Mon, 02 Jun 2025 00:00:00 UTC\n', { datesOfHost: true }, /\(is of Mon, 02 Jun/],
  ])('are named, with %s wanting it', (_, release, source, says) => {
    const [found, said] = outdated(release, source);
    expect([found, said]).toEqual([[archive], [expect.stringMatching(says)]]);
  });

  it.each([
    ['no end', 'Date: Sat, 10 May 2025 00:00:00 UTC\n'],
    ['an end to come', expired.replace('31 May', '07 Jun')],
    ['words for dates', 'Date: today\nValid-Until: ever\n'],
  ])('are not those with %s', (_, release) => {
    expect(outdated(release, { datesOfHost: true })).toEqual([[], []]);
  });
});
