import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSys } from '../../sys/index.ts';
import { aptCache } from '../cache.ts';
import type { ResolvedPackage } from '../request.ts';
import { parsePrintUris } from '../simulation.ts';
import { confirmPackages } from './confirm.ts';
import { listFileName } from './list-files.ts';

let directory: string;
beforeEach(() => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), 'confirm-'));
});
afterEach(() => fs.rmSync(directory, { recursive: true }));

const HASH = 'ab'.repeat(32);
const index = `Package: hello
Architecture: amd64
Version: 1:2.0+b~1
Filename: pool/main/h/hello++_2.0+b~1_amd64.deb
Size: 100
SHA256: ${HASH}

Package: c_under
Architecture: all
Version: 1
Filename: pool/c.ddeb
Size: 7
SHA256: ${HASH}
`;
const NAMED = `'http://example.org/debian/pool/main/h/hello%2b%2b_2.0%2bb%7e1_amd64.deb' hello_1%3a2.0+b~1_amd64.deb 100 SHA256:${HASH}
'http://example.org/debian/pool/c.ddeb' c%5funder_1_all.ddeb 7 SHA256:${HASH}
`;

function confirm(printed: string): ResolvedPackage[] {
  const cache = aptCache(directory, '0'.repeat(64));
  fs.mkdirSync(cache.lists, { recursive: true });
  fs.writeFileSync(
    cache.sources,
    'Types: deb\nURIs: http://example.org/debian\nSuites: trixie\nComponents: main\n',
  );
  const base = `${cache.lists}/example.org_debian_dists_trixie_`;
  fs.writeFileSync(`${base}InRelease`, 'Label: Test\nSuite: trixie\n');
  fs.writeFileSync(`${base}main_binary-amd64_Packages`, index);
  const lists = { cache, architectures: ['amd64'] };
  return confirmPackages({ sys: createSys() }, lists, parsePrintUris(printed));
}

describe('what an apt names', () => {
  it('is as the lists have it', () => {
    expect(confirm(NAMED)).toEqual([
      {
        name: 'hello',
        version: '1:2.0+b~1',
        architecture: 'amd64',
        size: 100,
        sha256: HASH,
        uri: 'http://example.org/debian/pool/main/h/hello%2b%2b_2.0%2bb%7e1_amd64.deb',
        fileName: 'hello_1%3a2.0+b~1_amd64.deb',
      },
      expect.objectContaining({ name: 'c_under', fileName: 'c%5funder_1_all.deb' }),
    ]);
  });

  it('may be quoted as older apt does, that is not at all', () => {
    expect(confirm(NAMED.replaceAll('%2b', '+').replaceAll('%7e', '~'))).toEqual(confirm(NAMED));
  });

  it.each([
    ['another server', 'example.org/debian/pool/main', 'evil.example/debian/pool/main'],
    ['another file', 'pool/main/h/hello', 'pool/main/h/other'],
    ['a way out', 'pool/main/h/hello', 'pool/main/../h/hello'],
    ['another hash', `100 SHA256:${HASH}`, `100 SHA256:${'cd'.repeat(32)}`],
    ['no hash', `100 SHA256:${HASH}`, '100'],
    ['another size', ' 100 ', ' 101 '],
    ['another version', 'hello_1%3a2.0', 'hello_1%3a3.0'],
    ['another package', 'hello_1', 'hullo_1'],
  ])('is refused: %s', (_, from, to) => {
    const printed = NAMED.replace(from, to);
    expect(printed).not.toBe(NAMED);
    expect(() => confirm(printed)).toThrow(expect.objectContaining({ code: 'INTEGRITY' }));
  });

  it.each(["'http://x/a' a 1", "'http://x/a' ../a_1_all.deb 1", "'http://x/a' a_1_all.deb", "'x"])(
    'is refused as no archive: %s',
    line => {
      expect(() => parsePrintUris(`${line}\n`)).toThrow(expect.objectContaining({ code: 'RESOLVE_FAILED' }));
    },
  );
});

it.each([
  [
    'http://mirror.example.org/debian/dists/trixie/InRelease',
    'mirror.example.org_debian_dists_trixie_InRelease',
  ],
  ['http://me:pw@127.0.0.1:8080/a~b/dists/x_y/Release', '127.0.0.1:8080_a%7eb_dists_x%5fy_Release'],
  ['copy:/srv/repo/./Packages', '_srv_repo_._Packages'],
])('%s is kept as %s', (uri, name) => {
  expect(listFileName(uri)).toBe(name);
});
