import fs from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Archive, archive } from '../support/archive.ts';
import { buildDeb } from '../support/deb.ts';
import { aptLayer, aptLayerMust, startAptLayer } from '../support/program.ts';
import { type LocalSystem, localSystem, repositories } from '../support/system.ts';

let repository: Archive;
let system: LocalSystem;

const text = (name: string) => ({ [`/usr/share/${name}/text`]: `${name} `.repeat(40) });
const pool = (name: string) => `${repository.directory}/pool/main/${name}`;
/** What the locks of these tests name is never published again. */
beforeAll(async () => {
  repository = await archive([
    { name: 'gone', files: text('gone') },
    { name: 'app', version: '1:2.0', depends: ['app-data', 'libapp'], files: text('app') },
    { name: 'app-data', files: text('app-data') },
    { name: 'libapp', architecture: 'amd64', multiArch: 'same', files: text('libapp-amd64') },
    { name: 'libapp', architecture: 'i386', multiArch: 'same', files: text('libapp-i386') },
    { name: 'tool', version: '1.0', files: text('tool') },
    { name: 'other', files: text('other') },
  ]);
  system = await localSystem(repository);
});
afterAll(async () => {
  await system?.[Symbol.asyncDispose]();
  await repository?.[Symbol.asyncDispose]();
});

interface Locked {
  base: { request: string; digest: string };
  packages: { name: string; architecture: string; version: string; sha256: string; requested: boolean }[];
  removed?: string[];
}
const lockOf = (spec: string) => JSON.parse(fs.readFileSync(`${spec}.lock.json`, 'utf8')) as Locked;
const editLock = (spec: string, edit: (lock: Locked) => void) => {
  const lock = lockOf(spec);
  edit(lock);
  fs.writeFileSync(`${spec}.lock.json`, JSON.stringify(lock));
};
const imageOf = async (sysroot: string, args: readonly string[]) =>
  (
    (await aptLayerMust(sysroot, ['compose', 'tree', '--no-deploy', '--json', ...args])).json() as {
      image: string;
    }
  ).image;

/** A spec of `body` on the imported root, and its lock, made in a copy of the system. */
async function lockedSpec(name: string, body: string): Promise<{ sysroot: string; spec: string }> {
  const sysroot = await system.copy(name);
  const spec = system.spec(name, `name: test\nbase-image: local://min\n${body}\n${repositories(repository)}`);
  await aptLayerMust(sysroot, ['compose', 'lock', spec]);
  return { sysroot, spec };
}

describe('compose lock', () => {
  it('at once in two sysroots writes one whole lock, or says who was first', async () => {
    const { sysroot, spec } = await lockedSpec('twice', 'layers: [other]');
    const file = `${spec}.lock.json`;
    const whole = fs.readFileSync(file, 'utf8');
    fs.rmSync(file);
    const second = await system.copy('twice-more');
    const both = await Promise.all([sysroot, second].map(at => aptLayer(at, ['compose', 'lock', spec])));
    expect(both.map(one => [one.code, one.stderr.includes('error')])).toEqual([
      [0, false],
      [0, false],
    ]);
    expect(fs.readFileSync(file, 'utf8')).toBe(whole);
    expect(fs.readdirSync(system.directory.path).filter(name => name.startsWith('.tmp-'))).toEqual([]);

    // Somebody else's lock, written while this one resolves.
    await using running = startAptLayer(sysroot, ['compose', 'lock', '--refresh', spec]);
    await running.waitFor(/Fetching package lists/);
    const theirs = whole.replaceAll(`"base": {`, `"generated-by": "somebody",\n  "base": {`);
    fs.writeFileSync(file, theirs);
    fs.chmodSync(file, 0o600);
    const late = await running.ended;
    expect([late.code, late.stderr]).toEqual([1, expect.stringContaining(`${file} was changed by somebody`)]);
    expect(fs.readFileSync(file, 'utf8')).toBe(theirs);
    await aptLayerMust(sysroot, ['compose', 'lock', spec]);
    expect(fs.readFileSync(file, 'utf8')).toBe(whole);
    expect(fs.statSync(file).mode & 0o777).toBe(0o600);

    await using edited = startAptLayer(sysroot, ['compose', 'lock', '--refresh', spec]);
    await edited.waitFor(/Fetching package lists/);
    fs.appendFileSync(spec, 'holds: [other]\n');
    const stale = await edited.ended;
    expect([stale.code, stale.stderr]).toEqual([1, expect.stringContaining(`${spec} was changed while`)]);
    expect(fs.readFileSync(file, 'utf8')).toBe(whole);
  });

  it('mends a lock that cannot be read', async () => {
    const { sysroot, spec } = await lockedSpec('garbage', 'layers: [other]');
    fs.writeFileSync(`${spec}.lock.json`, 'garbage');
    const refused = await aptLayer(sysroot, ['compose', 'tree', '--locked', spec]);
    expect([refused.code, refused.stderr]).toEqual([3, expect.stringContaining('apt-layer compose lock')]);
    await aptLayerMust(sysroot, ['compose', 'lock', spec]);
    expect(lockOf(spec).packages.map(one => one.name)).toEqual(['other']);
  });
});

describe('compose tree --locked', () => {
  it('makes the same image in an empty store, from what no index has any more', async () => {
    const full = system.spec(
      'full-base',
      `name: test\nbase-image: local://min\nlayers: [gone]\n${repositories(repository)}`,
    );
    const deb = await buildDeb(
      { name: 'tool', version: '3.0', files: text('tool-3') },
      system.directory.join('debs'),
    );
    const spec = system.spec(
      'full',
      `name: test
base-image: local://full
layers: [app]
remove: [gone]
overrides: [{package: tool, with: ${deb}}]
multi-arch: {architectures: [i386], packages: ["libapp:i386"]}
${repositories(repository)}`,
    );
    const sysroot = await system.copy('first');
    await aptLayerMust(sysroot, ['compose', 'tree', '--no-deploy', '--ref', 'full', full]);
    await aptLayerMust(sysroot, ['compose', 'lock', spec]);
    const lock = lockOf(spec);
    expect(
      lock.packages.map(one => `${one.name}:${one.architecture}=${one.version} ${one.requested}`),
    ).toEqual([
      'app:all=1:2.0 true',
      'app-data:all=1.0 false',
      'libapp:amd64=1.0 false',
      'libapp:i386=1.0 true',
      'tool:all=3.0 true',
    ]);
    expect(lock.removed).toEqual(['gone']);
    // Without its lock, apt resolves it.
    fs.renameSync(`${spec}.lock.json`, `${spec}.kept`);
    const image = await imageOf(sysroot, [spec]);
    fs.renameSync(`${spec}.kept`, `${spec}.lock.json`);

    const empty = system.directory.join('empty');
    await aptLayerMust(empty, ['image', 'import', system.root, '--ref', 'min']);
    await aptLayerMust(empty, ['compose', 'tree', '--no-deploy', '--ref', 'full', full]);
    const files = fs
      .readdirSync(pool('app'))
      .map(name => [name, fs.readFileSync(`${pool('app')}/${name}`)] as const);
    await repository.withdraw('app');
    try {
      fs.mkdirSync(pool('app'));
      for (const [name, bytes] of files) fs.writeFileSync(`${pool('app')}/${name}`, bytes);
      expect(await imageOf(empty, ['--locked', spec])).toBe(image);
      const status = await aptLayerMust(empty, ['compose', 'tree', '--locked', spec, '--json']);
      expect(status.json()).toMatchObject({ image, cached: true });
      const marks = await aptLayerMust(empty, ['run', '--', 'apt-mark', 'showmanual']);
      expect(marks.stdout.split('\n')).toEqual(expect.arrayContaining(['app', 'tool', 'libapp:i386']));
      expect(marks.stdout.split('\n')).not.toContain('libapp');
      // An archive that has not even the file.
      const late = system.directory.join('late');
      fs.cpSync(empty, late, { recursive: true, verbatimSymlinks: true });
      fs.rmSync(pool('app'), { recursive: true });
      fs.rmSync(`${late}/cache`, { recursive: true });
      fs.rmSync(`${late}/composefs/images/refs/deb`, { recursive: true });
      for (const made of ['build', 'stage'])
        fs.rmSync(`${late}/composefs/images/refs/${made}`, { recursive: true });
      const failed = await aptLayer(late, ['compose', 'tree', '--locked', spec]);
      expect(failed.code).toBe(7);
      expect(failed.stderr).toMatch(/app 1:2\.0 of the lock: .*404/);
    } finally {
      await repository.publish([
        { name: 'app', version: '1:2.0', depends: ['app-data', 'libapp'], files: text('app') },
      ]);
    }
  });

  it('holds what it fetches and reads against the hashes of the lock', async () => {
    const { sysroot, spec } = await lockedSpec('zeros', 'layers: [other]');
    editLock(spec, lock => {
      for (const one of lock.packages) one.sha256 = '0'.repeat(64);
    });
    const zeros = await aptLayer(sysroot, ['compose', 'tree', '--locked', spec]);
    expect([zeros.code, zeros.stderr]).toEqual([
      6,
      expect.stringMatching(/other 1\.0 of the lock: .*SHA-256/),
    ]);

    const directory = system.directory.join('swapped');
    const deb = await buildDeb({ name: 'local', files: text('local') }, directory);
    const local = await lockedSpec('swap', `layers: [${deb}]`);
    await aptLayerMust(local.sysroot, ['compose', 'tree', '--locked', local.spec]);
    await buildDeb({ name: 'local', files: text('changed') }, directory);
    const swapped = await aptLayer(await system.copy('swap2'), ['compose', 'tree', '--locked', local.spec]);
    expect([swapped.code, swapped.stderr]).toEqual([
      6,
      expect.stringContaining(`${deb} is not what was locked`),
    ]);
    const unlocked = await aptLayerMust(await system.copy('swap3'), ['compose', 'tree', local.spec]);
    expect(unlocked.stderr).toMatch(/warning: local 1\.0 has other contents/);
  });

  it('refuses a spec that the lock is not of', async () => {
    const { sysroot, spec } = await lockedSpec('stale', 'layers: [other]');
    const write = (body: string) => {
      fs.writeFileSync(spec, `name: test\n${body}\n${repositories(repository)}`);
      return aptLayer(sysroot, ['compose', 'tree', '--locked', spec]);
    };
    const min = 'base-image: local://min';
    const cases: [string, RegExp][] = [
      [`${min}\nlayers: [other, tool]`, /asks for tool, which is in neither/],
      [`${min}\nlayers: [other=2.0]`, /asks for other=2\.0, the lock has 1\.0/],
      [
        `${min}\nlayers: ["other:i386"]\nmulti-arch: {architectures: [i386], packages: ["libapp:i386"]}`,
        /libapp:i386/,
      ],
      [`${min}\nlayers: []`, /the lock has other, which the spec does not ask for/],
      [`${min}\nlayers: [other]\nremove: [mawk]`, /the spec removes mawk, the lock does not/],
    ];
    for (const [body, reason] of cases) {
      const result = await write(body);
      expect([result.code, result.stderr], body).toEqual([3, expect.stringMatching(reason)]);
    }
    const good = `${min}\nlayers: [other]`;
    expect((await write(good)).code).toBe(0);

    const kept = fs.readFileSync(`${spec}.lock.json`);
    const changes: [(lock: Locked) => void, number, RegExp][] = [
      [lock => Object.assign(lock, { removed: ['mawk'] }), 3, /the lock removes mawk, the spec does not/],
      [
        lock => Object.assign(lock.base, { request: 'local://old' }),
        3,
        /is built on local:\/\/min, the lock on local:\/\/old/,
      ],
      [
        lock => Object.assign(lock.base, { digest: 'f'.repeat(64) }),
        5,
        /does not hold any more: .* and not ffff/,
      ],
    ];
    for (const [change, code, reason] of changes) {
      editLock(spec, change);
      const result = await write(good);
      expect([result.code, result.stderr]).toEqual([code, expect.stringMatching(reason)]);
      fs.writeFileSync(`${spec}.lock.json`, kept);
    }
  });

  it('refuses a spec without a lock, also when a file that it includes has one', async () => {
    const { sysroot, spec } = await lockedSpec('included', 'layers: [other]');
    const outer = system.spec('outer', `include: [${spec}]\nlayers: [tool]\n`);
    const result = await aptLayer(sysroot, ['compose', 'tree', '--locked', outer]);
    expect([result.code, result.stderr]).toEqual([
      3,
      expect.stringContaining(`there is no ${outer}.lock.json`),
    ]);
    const check = await aptLayer(sysroot, ['compose', 'tree', '--locked', '--check', outer]);
    expect(check.code).toBe(3);
  });
});
