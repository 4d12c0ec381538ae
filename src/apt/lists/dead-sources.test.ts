import { describe, expect, it } from 'vitest';
import type { SignedSource } from '../image-sources.ts';
import { deadSources } from './dead-sources.ts';

const source = (uri: string, suites: string[], more: Partial<SignedSource> = {}): SignedSource => ({
  types: ['deb'],
  uris: [uri],
  suites,
  components: ['main'],
  signedBy: undefined,
  architectures: [],
  options: {},
  keyrings: [],
  fingerprints: [],
  file: '/etc/apt/sources.list.d/x.list',
  where: `/etc/apt/sources.list.d/x.list:${suites.length}`,
  name: 'x.list',
  bySpec: false,
  ...more,
});

// What apt 2.6 says of a server that is not there and of a suite that is not there.
const SAID = `Hit:1 http://good.example/debian trixie InRelease
Ign:2 http://dead.invalid/debian foo InRelease
Ign:6 http://good.example/debian gone InRelease
Err:7 http://good.example/debian gone Release
  404  Not Found [IP: 203.0.113.80 80]
Err:2 http://dead.invalid/debian foo InRelease
  Could not resolve 'dead.invalid'
Reading package lists...
E: The repository 'http://good.example/debian gone Release' does not have a Release file.
E: Failed to fetch http://dead.invalid/debian/dists/foo/InRelease  Could not resolve 'dead.invalid'
E: Some index files failed to download. They have been ignored, or old ones used instead.
`;
const SOURCES = [
  source('http://good.example/debian/', ['trixie', 'gone']),
  source('http://me:secret@dead.invalid/debian', ['foo']),
];

describe('deadSources', () => {
  it('names the sources that could not be reached, and why', () => {
    expect(deadSources(SAID, SOURCES).map(({ uri, suite, reason }) => [uri, suite, reason])).toEqual([
      ['http://good.example/debian', 'gone', '404  Not Found'],
      ['http://dead.invalid/debian', 'foo', "Could not resolve 'dead.invalid'"],
    ]);
  });

  it.each([
    ['a signature', 'W: GPG error: http://good.example/debian trixie InRelease: NO_PUBKEY 0123'],
    ['a manipulated list', 'E: Failed to fetch http://good.example/x  Hash Sum mismatch'],
    [
      'text before the signature',
      "E: Failed to fetch http://good.example/x  Clearsigned file isn't valid, got 'NOSPLIT'",
    ],
  ])('none when there is also %s', (_, line) => {
    expect(deadSources(`${SAID}${line}\n`, SOURCES)).toEqual([]);
  });

  it("none when one is the spec's own, or what failed is no Release file", () => {
    const [first, second] = SOURCES as [SignedSource, SignedSource];
    expect(deadSources(SAID, [first, { ...second, bySpec: true }])).toEqual([]);
    expect(
      deadSources(
        `${SAID}Err:9 http://good.example/debian trixie/main amd64 Packages\n  404  Not Found\n`,
        SOURCES,
      ),
    ).toEqual([]);
  });

  it.each([
    ['http://security.example.org/debian', 'trixie', true],
    ['http://example.org/debian-security', 'trixie', true],
    ['http://example.org/debian', 'trixie-security', true],
    ['http://example.org/debian', 'bullseye/updates', true],
    ['http://example.org/debian', 'trixie-updates', false],
  ])('%s %s is of security updates: %s', (uri, suite, expected) => {
    const said = `Err:1 ${uri} ${suite} InRelease\n  Could not connect to x\n`;
    expect(deadSources(said, [source(uri, [suite])])).toMatchObject([{ isSecurity: expected }]);
  });
});
