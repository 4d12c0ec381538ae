import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Archive, archive } from '../support/archive.ts';
import { execute, must } from '../support/command.ts';
import { CHECKOUT } from '../support/places.ts';
import { aptLayer, aptLayerMust } from '../support/program.ts';
import { type LocalSystem, localSystem, repositories } from '../support/system.ts';

let repository: Archive;
let system: LocalSystem;
let sysroot: string;

/**
 * In place of apt-get: says what it can reach, tries to change what it is given, and names other archives where it is asked for
 * `lied-about`. Else it is apt-get.
 */
const APT_GET = (url: string) => `#!/bin/bash
say() { echo "PROBE $*" >&2; }
say links $(awk -F: 'NR > 2 { print $1 }' /proc/net/dev)
(exec 3<>/dev/tcp/127.0.0.1/${new URL(url).port}) 2>/dev/null && say connected || say not-connected
for place in /var/lib/apt/lists/probe /run/apt-layer/archives.sources /run/apt-layer/apt.conf; do
  (echo probe >>"$place") 2>/dev/null && say wrote "$place" || say not-written "$place"
done
rm -f /var/cache/apt/pkgcache.bin
ln -s /etc/hostname /var/cache/apt/probe
case " $* " in
*" lied-about "*)
  echo "'${url}/pool/main/other/other_1.0_all.deb' lied-about_1.0_all.deb 1000 SHA256:${'ab'.repeat(32)}"
  exit 0 ;;
*" quiet "*) exit 0 ;;
esac
exec /usr/bin/apt-get.real "$@"
`;

const HOSTILE_SOURCES: Readonly<Record<string, string>> = {
  'dead.list': 'deb http://dead.invalid/debian foo main\n',
  'security.sources':
    'Types: deb\nURIs: http://dead.invalid/debian-security\nSuites: foo-security\nComponents: main\n',
  'trusting.list': '# a comment\ndeb [trusted=yes] http://example.org/debian foo main\n',
};

beforeAll(async () => {
  repository = await archive([
    { name: 'good', files: { '/usr/share/good': 'good' } },
    { name: 'other' },
    { name: 'lied-about' },
    { name: 'quiet' },
    { name: 'less' },
  ]);
  system = await localSystem(repository);
  sysroot = await system.copy('archives');
  const { root } = system;
  fs.renameSync(`${root}/usr/bin/apt-get`, `${root}/usr/bin/apt-get.real`);
  fs.writeFileSync(`${root}/usr/bin/apt-get`, APT_GET(repository.url), { mode: 0o755 });
  for (const [name, text] of Object.entries(HOSTILE_SOURCES))
    fs.writeFileSync(`${root}/etc/apt/sources.list.d/${name}`, text);
  await aptLayerMust(sysroot, ['image', 'import', root, '--ref', 'hostile']);
});
afterAll(async () => {
  await system[Symbol.asyncDispose]();
  await repository[Symbol.asyncDispose]();
});

let made = 0;
/** Builds a spec without deploying it. */
function compose(text: string, ...words: string[]) {
  made += 1;
  return aptLayer(sysroot, ['compose', 'tree', system.spec(`spec-${made}`, text), '--no-deploy', ...words]);
}
const hostile = (layer: string) =>
  `base-image: local://hostile\nlayers: ["${layer}"]\n${repositories(repository)}`;
const WITHOUT = ['trusting.list', 'security', 'dead'].flatMap(name => ['--disable-repo', name]);
const plain = (layer: string, from: Archive = repository) =>
  `base-image: local://min\nlayers: ["${layer}"]\n${repositories(from)}`;

/** What the program wrote of the last run. */
function lastLog(): string {
  const directory = `${sysroot}/state/transactions`;
  const newest = fs
    .readdirSync(directory)
    .map(name => `${directory}/${name}/log`)
    .filter(file => fs.existsSync(file))
    .sort((a, b) => fs.statSync(b).mtimeMs - fs.statSync(a).mtimeMs)[0];
  return newest === undefined ? '' : fs.readFileSync(newest, 'utf8');
}

describe('sources of an image', () => {
  it('that switch verification off are refused by file and line', async () => {
    const found = await compose(hostile('good'));
    expect(found.code).toBe(6);
    expect(found.stderr).toContain('/etc/apt/sources.list.d/trusting.list:2: trusted=yes');
    expect(found.stderr).toMatch(/hint:.*--disable-repo trusting\.list/);
  });

  it('that are dead stop nothing else, but those of security updates do', async () => {
    const words = ['--disable-repo', 'trusting.list'];
    const stopped = await compose(hostile('good'), ...words);
    expect(stopped.code).toBe(7);
    expect(stopped.stderr).toContain('/etc/apt/sources.list.d/security.sources:1');
    expect(stopped.stderr).toMatch(/hint: .*--disable-repo security\.sources/);
    const done = await compose(hostile('good'), ...words, '--disable-repo', 'security.sources');
    expect(done.stderr).toMatch(
      /warning:.*sources\.list\.d\/dead\.list:1: http:\/\/dead\.invalid\/debian foo/,
    );
    expect(done.code).toBe(0);
  });

  it('that there are not cannot be left out', async () => {
    const found = await compose(hostile('good'), ...WITHOUT, '--disable-repo', 'nothing');
    expect([found.code, found.stderr]).toEqual([2, expect.stringContaining('nothing')]);
  });
});

describe("code of an image in apt's place", () => {
  it('has no network and nothing of the host to write to', async () => {
    const done = await compose(hostile('other'), ...WITHOUT, '--refresh');
    expect([done.code, done.stderr]).toEqual([0, expect.any(String)]);
    const probes = [...lastLog().matchAll(/^PROBE (.*)$/gm)].map(([, said]) => said);
    expect(new Set(probes)).toEqual(
      new Set([
        'links lo',
        'not-connected',
        'not-written /var/lib/apt/lists/probe',
        'not-written /run/apt-layer/archives.sources',
        'not-written /run/apt-layer/apt.conf',
      ]),
    );
    const cache = fs.readdirSync(`${sysroot}/cache/apt`, { recursive: true, encoding: 'utf8' });
    expect(cache.some(name => name.endsWith('_Packages'))).toBe(true);
    expect(cache.filter(name => name.endsWith('probe'))).toEqual([]);
  });

  it('cannot have anything fetched that no verified list has', async () => {
    repository.server.forgetRequests();
    const found = await compose(hostile('lied-about'), ...WITHOUT);
    expect([found.code, found.stderr]).toEqual([6, expect.stringContaining('no')]);
    expect(found.stderr).toMatch(/lied-about 1\.0 \(all\).*other_1\.0_all\.deb/);
    expect(repository.server.count(/\.deb$/)).toBe(0);
    expect((await compose(plain('lied-about'))).code).toBe(0);
    expect(repository.server.count(/\.deb$/)).toBe(1);
  });

  it('cannot leave a request out', async () => {
    const found = await compose(hostile('quiet'), ...WITHOUT);
    expect([found.code, found.stderr]).toEqual([5, expect.stringContaining('quiet')]);
  });
});

describe('lists', () => {
  it('are not shared by sources with other keys', async () => {
    expect((await compose(plain('good'))).code).toBe(0);
    await using other = await archive([{ name: 'good' }]);
    const key = other.key.armored.trim().replaceAll('\n', '\n      ');
    const text = plain('good').replace(/signed-by: \|[\s\S]*$/, `signed-by: |\n      ${key}\n`);
    const found = await compose(text);
    expect([found.code, found.stderr]).toEqual([6, expect.stringMatching(/key|signature/i)]);
  });

  it('that have expired do not count because the host says so', async () => {
    await using expired = await archive([{ name: 'good' }], { signing: 'expired' });
    const spec = system.spec('expired', plain('good', expired));
    const settings = 'Acquire::Check-Valid-Until "false"; Acquire::Check-Date "false";';
    const script = [
      'for one in apt.conf.d sources.list.d; do mount -t tmpfs apt /etc/apt/$one; done',
      'echo "$1" >/etc/apt/apt.conf.d/50; echo "$2" >/etc/apt/sources.list.d/50.list; shift 2',
      'apt-config dump | grep -i valid >&2; exec "$@"',
    ].join(' && ');
    const program = [process.execPath, path.join(CHECKOUT, 'bin/apt-layer')];
    const words = ['--sysroot', sysroot, 'compose', 'tree', spec];
    const onHost = (source: string, ...more: string[]) =>
      execute('unshare', [
        ...['--mount', 'sh', '-c', script, 'sh', settings, source],
        ...[...program, ...words, ...more],
      ]);
    const found = await onHost('', '--no-deploy');
    expect(found.stderr).toContain('Acquire::Check-Valid-Until "false"');
    expect([found.code, found.stderr]).toEqual([
      6,
      expect.stringMatching(
        /is expired[\s\S]*\nhint: .*old on purpose, give the spec a `snapshot`, or its repository `check-valid-until: false`/,
      ),
    ]);

    // They do for an archive of the host's own, and it is said, once, and kept in lock and status.
    const used = await onHost(`deb ${expired.url} test main`);
    const said = used.stderr.split('\n').filter(line => line.includes('old package lists are used'));
    expect([used.code, said]).toEqual([
      0,
      [expect.stringMatching(/since this machine's apt configuration .*: http:\S+ test \(expired on /)],
    ]);
    const status = await aptLayerMust(sysroot, ['status', '--json']);
    const { deployments } = status.json() as { deployments: Record<string, unknown>[] };
    expect(deployments[0]?.['expired-lists']).toEqual([`${expired.url} test`]);
    expect((await aptLayerMust(sysroot, ['status'])).stdout).toMatch(/ExpiredLists: http:\S+ test\n/);
    const lock = fs.readFileSync(`${sysroot}/state/deploy/${deployments[0]?.['id']}/lock.json`, 'utf8');
    expect(JSON.parse(lock)).toMatchObject({ version: 2, expired: [`${expired.url} test`] });

    // And for what the spec wants old.
    const then = '20250128T000000Z';
    fs.symlinkSync('.', `${expired.directory}/${then}`);
    const text = plain('good', expired).replace(`"${expired.url}"`, `"${expired.url}/@SNAPSHOTID@"`);
    fs.writeFileSync(spec, `snapshot: "${then}"\n${text}`);
    const wanted = await onHost('', '--no-deploy');
    expect([wanted.code, wanted.stderr]).toEqual([
      0,
      expect.stringMatching(/old package lists are used, since the spec says so .*: http/),
    ]);
    fs.writeFileSync(
      spec,
      plain('good', expired).replace('    signed-by', '    check-valid-until: false\n    signed-by'),
    );
    const allowed = await onHost('', '--no-deploy');
    expect([allowed.code, allowed.stderr]).toEqual([
      0,
      expect.stringMatching(/old package lists are used, since the spec says so .*: http/),
    ]);
  });

  it.each([
    ['text before its signed part', 'Hello\n', 6, /no signed index/],
    ['a web page', undefined, 7, /a web page came in place of/],
  ])('that begin with %s', async (_, before, code, says) => {
    await using broken = await archive([{ name: 'good' }]);
    const file = `${broken.directory}/dists/test/InRelease`;
    const page = '<!DOCTYPE html><html><body>Log in</body></html>\n';
    fs.writeFileSync(file, before === undefined ? page : before + fs.readFileSync(file, 'utf8'));
    const found = await compose(plain('good', broken));
    expect([found.code, found.stderr]).toEqual([code, expect.stringMatching(says)]);
  });
});

describe('repositories of a spec', () => {
  it('may be directories of this machine', async () => {
    await using local = await archive([{ name: 'from-directory', files: { '/usr/share/d': 'd' } }]);
    const text = plain('from-directory', local).replace(local.url, `file://${local.directory}`);
    local.server.forgetRequests();
    const done = await compose(text);
    expect([done.code, done.stderr]).toEqual([0, expect.any(String)]);
    expect(local.server.requests).toEqual([]);
  });

  it('may call their packages otherwise than .deb', async () => {
    await using odd = await archive([{ name: 'symbols', files: { '/usr/share/s': 's' } }]);
    const pool = `${odd.directory}/pool/main/symbols`;
    const [name = ''] = fs.readdirSync(pool);
    await odd.publish([]);
    const index = `${odd.directory}/dists/test/main/binary-amd64/Packages`;
    const text = fs.readFileSync(index, 'utf8').replace(name, name.replace(/deb$/, 'ddeb'));
    fs.renameSync(`${pool}/${name}`, `${pool}/${name.replace(/deb$/, 'ddeb')}`);
    fs.writeFileSync(index, text);
    fs.rmSync(`${index}.xz`);
    await resign(odd);
    const done = await compose(plain('symbols', odd));
    expect([done.code, done.stderr]).toEqual([0, expect.any(String)]);
    expect(odd.server.count(/symbols.*\.ddeb$/)).toBe(1);
  });
});

/** Signs what is in the archive now. */
async function resign(odd: Archive): Promise<void> {
  const dist = `${odd.directory}/dists/test`;
  for (const name of ['Release', 'Release.gpg', 'InRelease']) fs.rmSync(`${dist}/${name}`, { force: true });
  const options = [
    '-o',
    'APT::FTPArchive::Release::Suite=test',
    '-o',
    'APT::FTPArchive::Release::Components=main',
  ];
  const release = await must('apt-ftparchive', [
    ...options,
    '-o',
    'APT::FTPArchive::Release::Architectures=amd64',
    'release',
    dist,
  ]);
  fs.writeFileSync(`${dist}/Release`, release);
  fs.writeFileSync(`${dist}/InRelease`, await odd.key.clearSign(release));
}

describe('requests', () => {
  it.each([
    ['less+', /less\+/, /\+ or -/],
    ['good:i386', /the system has no packages of i386/, /layer-multiarch good i386/],
  ])('that apt would take for something else: %s', async (name, says, hint) => {
    const found = await compose(plain(name));
    expect([found.code, found.stderr]).toEqual([5, expect.stringMatching(says)]);
    expect(found.stderr).toMatch(hint);
  });

  it('that a pin forbids name the pin', async () => {
    const pins = 'pins: [{ packages: [good], pin: "version *", priority: -1 }]\n';
    const found = await compose(plain('good') + pins);
    expect([found.code, found.stderr]).toEqual([5, expect.stringMatching(/good 1\.0 has priority -1/)]);
  });
});
