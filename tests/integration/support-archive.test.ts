import fs from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aptGetInstallChroot } from '../support/apt-oracle.ts';
import { type ArchiveSigning, archive } from '../support/archive.ts';
import { copyRoot, unpackMinbase } from '../support/base.ts';
import { must } from '../support/command.ts';
import { buildDeb, type DebDescription } from '../support/deb.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary.ts';

const PACKAGES: readonly DebDescription[] = [
  { name: 'tiny-lib', version: '1:2.0-1', files: { '/usr/lib/tiny': 'data\n' } },
  {
    name: 'tiny',
    architecture: 'amd64',
    depends: ['tiny-lib (>= 1:2.0)'],
    files: {
      '/etc/tiny.conf': 'setting=1\n',
      '/usr/bin/tiny': { content: '#!/bin/sh\necho tiny\n', mode: 0o4755, gid: 8 },
      '/usr/bin/tiny-link': { symlink: 'tiny' },
      '/usr/bin/tiny-twin': { hardlink: '/usr/bin/tiny' },
      '/var/lib/tiny': { directory: true, mode: 0o1777 },
    },
    conffiles: ['/etc/tiny.conf'],
    scripts: { postinst: 'test "$1" != configure || echo configured >/var/lib/tiny/state' },
    triggers: ['interest-noawait /usr/lib/tiny'],
  },
];

let work: TemporaryDirectory;
let base: string;

beforeAll(async () => {
  work = temporaryDirectory('archive-test');
  base = work.join('base');
  await unpackMinbase(base);
});
afterAll(() => work[Symbol.asyncDispose]());

async function freshRoot(name: string): Promise<string> {
  await copyRoot(base, work.join(name));
  return work.join(name);
}

describe('buildDeb', () => {
  it('gives the same bytes for the same description', async () => {
    const [a, b] = [
      await buildDeb(PACKAGES[1]!, work.join('a')),
      await buildDeb(PACKAGES[1]!, work.join('b')),
    ];
    expect(fs.readFileSync(a).equals(fs.readFileSync(b))).toBe(true);
    const contents = await must('dpkg-deb', ['--contents', a]);
    expect(contents).toMatch(/^-rwsr-xr-x root\/mail .* \.\/usr\/bin\/tiny$/m);
    expect(contents).toMatch(/tiny-twin link to \.\/usr\/bin\/tiny$/m);
  });
});

describe('a local archive', () => {
  it('is one that apt verifies and installs from, and follows updates', async () => {
    await using repository = await archive(PACKAGES);
    const root = await freshRoot('good');
    await aptGetInstallChroot(root, ['tiny'], { sources: repository.sources });
    expect(fs.readFileSync(`${root}/var/lib/tiny/state`, 'utf8')).toBe('configured\n');
    expect(fs.statSync(`${root}/usr/bin/tiny`).mode & 0o7777).toBe(0o4755);
    expect(repository.server.count(/\/InRelease$/)).toBe(1);
    expect(repository.server.count(/\.deb$/)).toBe(2);

    await repository.publish([{ name: 'tiny-lib', version: '1:2.1-1', files: { '/usr/lib/tiny': 'new\n' } }]);
    await aptGetInstallChroot(root, ['tiny-lib'], { sources: repository.sources });
    expect(fs.readFileSync(`${root}/usr/lib/tiny`, 'utf8')).toBe('new\n');

    await repository.withdraw('tiny');
    const other = await freshRoot('withdrawn');
    await expect(aptGetInstallChroot(other, ['tiny'], { sources: repository.sources })).rejects.toThrow(
      'Unable to locate package tiny',
    );
  });

  it.each<[ArchiveSigning, RegExp]>([
    ['none', /is not signed/],
    ['other-key', /is not signed|NO_PUBKEY|Missing key/],
    ['expired', /Release file .* is expired/],
  ])('is refused by apt when its signature is %s', async (signing, message) => {
    await using repository = await archive(PACKAGES, { signing });
    const root = await freshRoot(signing);
    await expect(aptGetInstallChroot(root, ['tiny'], { sources: repository.sources })).rejects.toThrow(
      message,
    );
    expect(fs.existsSync(`${root}/usr/bin/tiny`)).toBe(false);
  });
});

describe('the server of an archive', () => {
  it('breaks off, fails, and sends other bytes on request; apt copes or says so', async () => {
    await using repository = await archive(PACKAGES);
    const { server, sources } = repository;
    const root = await freshRoot('faults');

    server.fault(/tiny-lib.*\.deb$/, { status: 404 });
    await expect(aptGetInstallChroot(root, ['tiny'], { sources })).rejects.toThrow(/404/);

    server.clearFaults();
    server.fault(/tiny-lib.*\.deb$/, { body: Buffer.alloc(700) });
    await expect(aptGetInstallChroot(root, ['tiny'], { sources })).rejects.toThrow(
      /Hash Sum|unexpected size/,
    );

    server.clearFaults();
    server.forgetRequests();
    server.fault(/tiny_.*\.deb$/, { cutAfterBytes: 100 }, 1);
    await aptGetInstallChroot(root, ['tiny'], { sources, options: ['Acquire::Retries=3'] });
    expect(server.requests.some(seen => seen.from === 100)).toBe(true);
  });

  it('answers ranges, HEAD and conditional requests, and nothing outside its directory', async () => {
    await using repository = await archive([]);
    const { server } = repository;
    const release = `${server.url}/dists/test/Release`;
    const whole = await (await fetch(release)).text();
    const part = await fetch(release, { headers: { range: 'bytes=10-' } });
    expect([part.status, await part.text()]).toEqual([206, whole.slice(10)]);
    expect((await fetch(release, { headers: { range: 'bytes=999999-' } })).status).toBe(416);
    const head = await fetch(release, { method: 'HEAD' });
    expect(head.headers.get('content-length')).toBe(String(whole.length));
    const since = head.headers.get('last-modified') ?? '';
    expect((await fetch(release, { headers: { 'if-modified-since': since } })).status).toBe(304);
    expect((await fetch(`${server.url}/..%2f..%2fetc/passwd`)).status).toBe(404);
  });

  it('can be slow or silent', async () => {
    await using repository = await archive([]);
    const { server } = repository;
    const url = `${server.url}/dists/test/Release`;
    const size = (await (await fetch(url)).arrayBuffer()).byteLength;
    server.fault(/Release$/, { bytesPerSecond: size * 4 });
    const started = performance.now();
    await (await fetch(url)).arrayBuffer();
    expect(performance.now() - started).toBeGreaterThan(150);
    server.clearFaults();
    server.fault(/Release$/, { hang: true });
    await expect(fetch(url, { signal: AbortSignal.timeout(100) })).rejects.toThrow();
  });
});
