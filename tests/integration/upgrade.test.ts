import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Archive, archive } from '../support/archive.ts';
import type { DebDescription } from '../support/deb.ts';
import { type LoopFileSystem, loopFileSystem } from '../support/loop-file-system.ts';
import { aptLayer, aptLayerMust } from '../support/program.ts';
import { type LocalSystem, localSystem, repositories, stateOf } from '../support/system.ts';
import { temporaryDirectory } from '../support/temporary.ts';

const pkg = (name: string, version: string, more: Partial<DebDescription> = {}): DebDescription => ({
  name,
  version,
  files: { [`/usr/share/${name}`]: `${name} ${version}` },
  ...more,
});

interface Preview {
  readonly available: boolean;
  readonly upgraded: readonly Record<string, unknown>[];
}
interface Status {
  readonly deployments: readonly {
    readonly id: string;
    readonly packages: readonly string[];
    readonly 'base-checksum': string;
  }[];
}
interface Locked {
  base: { request: string; digest: string; packages?: { name: string; requested: boolean }[] };
  packages: { name: string }[];
}
const deployments = async (sysroot: string) =>
  ((await aptLayerMust(sysroot, ['status', '--json'])).json() as Status).deployments;
const packages = async (sysroot: string) => (await deployments(sysroot))[0]?.packages;

describe('on a base of the store', () => {
  let repository: Archive;
  let security: Archive;
  let system: LocalSystem;
  let sysroot: string;

  beforeAll(async () => {
    repository = await archive([pkg('app', '1', { fields: { 'Installed-Size': '10' } }), pkg('tool', '1')]);
    security = await archive([], { suite: 'test-security', origin: 'Debian-Security' });
    system = await localSystem(repository);
    sysroot = await system.copy('upgrade');
    const both = `${repositories(repository)}${repositories(security)
      .replace('repositories:\n', '')
      .replace('name: test', 'name: security')}`;
    const spec = system.spec('two', `name: test\nbase-image: local://min\n${both}`);
    await aptLayerMust(sysroot, ['compose', 'tree', spec]);
    await aptLayerMust(sysroot, ['layer', 'app', 'tool']);
  });
  afterAll(async () => {
    await system[Symbol.asyncDispose]();
    await security[Symbol.asyncDispose]();
    await repository[Symbol.asyncDispose]();
  });

  it('finds nothing when nothing is new, and makes no deployment', async () => {
    const before = stateOf(sysroot);
    expect(await aptLayer(sysroot, ['upgrade', '--check', '--unchanged-exit-77'])).toMatchObject({
      code: 77,
      stdout: 'No upgrade is available.\n',
    });
    expect((await aptLayer(sysroot, ['upgrade', '--check'])).code).toBe(0);
    expect(await aptLayer(sysroot, ['upgrade', '--unchanged-exit-77'])).toMatchObject({
      code: 77,
      stdout: 'Nothing changed.\n',
    });
    expect(stateOf(sysroot)).toBe(before);
  });

  it('says what would come, from where and how large, and changes nothing', async () => {
    await repository.publish([pkg('app', '2', { depends: ['lib'], fields: { 'Installed-Size': '30' } })]);
    await repository.publish([pkg('lib', '1')]);
    await security.publish([pkg('tool', '1.1')]);
    const before = stateOf(sysroot);
    const json = (await aptLayerMust(sysroot, ['upgrade', '--preview', '--json'])).json();
    expect(json).toEqual({
      schema: 1,
      available: true,
      base: expect.objectContaining({ request: 'local://min' }),
      upgraded: [
        {
          name: 'app',
          architecture: 'all',
          from: '1',
          to: '2',
          installedBytesChange: 20 * 1024,
          downloadBytes: expect.toSatisfy((size: number) => size > 100),
          security: false,
          origins: ['Test test'],
          changelog: null,
        },
        expect.objectContaining({
          name: 'tool',
          from: '1',
          to: '1.1',
          security: true,
          origins: ['Debian-Security test-security'],
        }),
      ],
      downgraded: [],
      added: [expect.objectContaining({ name: 'lib', version: '1', security: false })],
      removed: [],
      downloadBytes: expect.toSatisfy((size: number) => size > 300),
      installedBytesChange: expect.any(Number),
      securityNotIncluded: [],
      kept: [],
      keepsBase: false,
      vulnerabilities: null,
    });
    const text = (await aptLayerMust(sysroot, ['upgrade', '-n'])).stdout;
    expect(text).toMatch(/^Upgraded:\n {2}app 1 -> 2 \(Test test; \d+ B\)\n {2}tool 1 -> 1\.1 \(security; /);
    expect(text).toMatch(/Security: 1 package\.\nTo download: .* Takes .* more\.\n$/);
    const check = await aptLayerMust(sysroot, ['upgrade', '--check', '--unchanged-exit-77']);
    expect(check.stdout).toMatch(/^Upgraded:\n {2}app 1 -> 2\n {2}tool 1 -> 1\.1\nAdded:\n {2}lib 1\n/);
    expect(stateOf(sysroot)).toBe(before);
  });

  it('says which security updates of the base it does not bring', async () => {
    const version = '9999';
    await security.publish([pkg('base-files', version, { architecture: 'amd64' })]);
    const preview = await aptLayerMust(sysroot, ['upgrade', '--preview', '--json']);
    expect(preview.json()).toMatchObject({
      securityNotIncluded: [{ name: 'base-files', architecture: 'amd64', available: version }],
    });
    expect((await aptLayerMust(sysroot, ['upgrade', '--preview'])).stdout).toMatch(
      /does not bring.*\n {2}base-files \S+ -> 9999\n$/,
    );
    await security.withdraw('base-files');
  });

  it('brings it, once', async () => {
    const { stdout } = await aptLayerMust(sysroot, ['upgrade']);
    expect(stdout).toMatch(/app 1 -> 2\n/);
    expect(await packages(sysroot)).toEqual(['app_2_all', 'lib_1_all', 'tool_1.1_all']);
    const again = await aptLayer(sysroot, ['upgrade', '--unchanged-exit-77', '--json']);
    expect(again.code).toBe(77);
    expect(again.json()).toMatchObject({ changed: false, deployment: null, kept: [] });
  });

  it('layers and drops packages on the way', async () => {
    await repository.publish([pkg('extra', '1')]);
    await aptLayerMust(sysroot, ['upgrade', '--install', 'extra', '--uninstall', 'tool']);
    expect(await packages(sysroot)).toEqual(['app_2_all', 'extra_1_all', 'lib_1_all']);
  });

  it('names the package that blocks, and keeps it only when it is told to', async () => {
    await repository.publish([pkg('app', '3', { depends: ['lib (= 2)'] }), pkg('extra', '2')]);
    const before = stateOf(sysroot);
    const failed = await aptLayer(sysroot, ['upgrade', '--json']);
    expect(failed.code).toBe(5);
    expect(failed.json()).toMatchObject({
      error: {
        code: 'RESOLVE_FAILED',
        message: expect.stringMatching(/blocks the upgrade:\n {2}app \(now 2\): .*lib \(= 2\)/),
        hint: expect.stringContaining('--skip-blocked'),
        details: { blocking: [{ package: 'app' }] },
      },
    });
    expect(stateOf(sysroot)).toBe(before);
    const preview = (await aptLayerMust(sysroot, ['upgrade', '-n', '--skip-blocked', '--json'])).json();
    expect((preview as Preview).upgraded.map(one => one['name'])).toEqual(['extra']);
    const { stdout } = await aptLayerMust(sysroot, ['upgrade', '--skip-blocked']);
    expect(stdout).toMatch(/^Not upgraded:\n {2}app stays at 2: .*lib \(= 2\)/);
    expect(await packages(sysroot)).toEqual(['app_2_all', 'extra_2_all', 'lib_1_all']);
  });

  it('keeps nothing that the archive does not have any more', async () => {
    await repository.withdraw('app');
    await repository.publish([pkg('app', '3', { depends: ['lib (= 2)'] })]);
    expect(await aptLayer(sysroot, ['upgrade', '--skip-blocked'])).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('does not have the present versions any more'),
    });
    await repository.publish([pkg('lib', '2')]);
    await aptLayerMust(sysroot, ['upgrade']);
    expect(await packages(sysroot)).toEqual(['app_3_all', 'extra_2_all', 'lib_2_all']);
  });

  it('follows the name of the base, which layering does not', async () => {
    fs.writeFileSync(`${system.root}/usr/share/newer-base`, 'newer');
    await aptLayerMust(sysroot, ['image', 'import', system.root, '--ref', 'min']);
    const [before] = await deployments(sysroot);
    await aptLayerMust(sysroot, ['layer', 'tool']);
    const [layered] = await deployments(sysroot);
    expect(layered?.['base-checksum']).toBe(before?.['base-checksum']);
    expect((await aptLayerMust(sysroot, ['upgrade', '--preview', '--json'])).json()).toMatchObject({
      available: true,
      base: { current: before?.['base-checksum'], newest: expect.any(String) },
      upgraded: [],
    });
    await aptLayerMust(sysroot, ['upgrade']);
    const [upgraded] = await deployments(sysroot);
    expect(upgraded?.['base-checksum']).not.toBe(before?.['base-checksum']);
    expect((await aptLayerMust(sysroot, ['run', '--', 'cat', '/usr/share/newer-base'])).stdout).toBe('newer');
  });

  it('brings packages on the base that is there when its name is gone, and says so', async () => {
    fs.rmSync(`${sysroot}/composefs/images/refs/base/min`);
    await repository.publish([pkg('app', '4')]);
    const [before] = await deployments(sysroot);
    const preview = (await aptLayerMust(sysroot, ['upgrade', '--preview', '--json'])).json() as Preview;
    expect(preview.upgraded.map(one => one['to'])).toEqual(['4']);
    const { stderr } = await aptLayerMust(sysroot, ['upgrade']);
    expect(stderr).toMatch(/local:\/\/min is not in the store any more: .*apt-layer import SOURCE --ref min/);
    const [after] = await deployments(sysroot);
    expect(after?.packages).toContain('app_4_all');
    expect(after?.['base-checksum']).toBe(before?.['base-checksum']);
  });

  it('goes on from the base of a deployment that was rolled back to, also after a cleanup', async () => {
    const [, older] = await deployments(sysroot);
    await aptLayerMust(sysroot, ['rollback']);
    await aptLayerMust(sysroot, ['cleanup']);
    await aptLayerMust(sysroot, ['unlayer', 'tool']);
    expect((await deployments(sysroot))[0]?.['base-checksum']).toBe(older?.['base-checksum']);
    expect((await aptLayer(sysroot, ['fsck'])).code).toBe(0);
  });

  it('is told off for what it does not know', async () => {
    expect((await aptLayer(sysroot, ['upgrade', '--check', '--preview'])).code).toBe(2);
    expect((await aptLayer(sysroot, ['upgrade', '--reboot', 'now'])).code).toBe(2);
    expect((await aptLayer(`${sysroot}-none`, ['upgrade'])).stderr).toContain('there is no deployment');
  });
});

describe('on a base from an archive', () => {
  let mirror: Archive | undefined;
  let installed: LoopFileSystem;
  const work = temporaryDirectory('upgrade');
  const sysroot = work.join('sysroot');

  /** An archive with the packages of a minimal Debian, and one that is ours. */
  async function smallDebian(): Promise<Archive> {
    const spec = work.join('debian.yaml');
    fs.writeFileSync(spec, 'base-image: apt://trixie\n');
    await aptLayerMust(sysroot, ['compose', 'tree', spec, '--no-deploy']);
    const debs = `${sysroot}/cache/apt/archives`;
    const files = fs.readdirSync(debs).filter(name => name.endsWith('.deb'));
    return archive(
      [
        ...files.map(name => `${debs}/${name}`),
        pkg('in-base', '1', { fields: { Priority: 'required' } }),
        pkg('on-top', '1', { depends: ['in-base'] }),
      ],
      { architectures: ['amd64'] },
    );
  }

  beforeAll(async () => {
    mirror = await smallDebian();
    fs.writeFileSync(work.join('key.asc'), mirror.key.armored);
    fs.writeFileSync(
      work.join('spec.yaml'),
      `name: own\nbase-image: apt://test\nbootstrap: { mirror: "${mirror.url}", keyring: ${work.join('key.asc')} }\nlayers: [on-top]\n`,
    );
    await aptLayerMust(sysroot, ['compose', 'tree', work.join('spec.yaml')]);
  });
  afterAll(async () => {
    await installed?.[Symbol.asyncDispose]();
    await work[Symbol.asyncDispose]();
    await mirror?.[Symbol.asyncDispose]();
  });

  it('finds nothing while the archive is the same', async () => {
    expect((await aptLayer(sysroot, ['upgrade', '--unchanged-exit-77'])).code).toBe(77);
    expect(await deployments(sysroot)).toHaveLength(1);
  });

  it('finds nothing on a machine that was installed, which has the base of its deployment alone', async () => {
    installed = await loopFileSystem('ext4', 2 ** 30);
    await aptLayerMust(sysroot, ['install', 'to-filesystem', installed.path, '--bootloader', 'none']);
    for (const option of ['--check', '--preview', '--dry-run'])
      expect(await aptLayer(installed.path, ['upgrade', option, '--unchanged-exit-77'])).toMatchObject({
        code: 77,
        stdout: 'No upgrade is available.\n',
      });
  });

  it('locks what a base is made of, and makes the same one of that in an empty store', async () => {
    const spec = work.join('spec.yaml');
    const image = async (at: string, ...args: string[]) =>
      (await aptLayerMust(at, ['compose', 'tree', '--no-deploy', '--json', ...args, spec])).json() as {
        image: string;
        base: { digest: string };
      };
    await aptLayerMust(sysroot, ['compose', 'lock', spec]);
    const built = await image(sysroot);
    const lock = JSON.parse(fs.readFileSync(`${spec}.lock.json`, 'utf8')) as Locked;
    expect(lock).toMatchObject({ version: 2, base: { digest: built.base.digest } });
    expect(lock.base.packages?.find(one => one.name === 'in-base')).toMatchObject({
      ...{ architecture: 'all', version: '1', requested: true },
      uri: `${mirror?.url}/pool/main/in-base/in-base_1_all.deb`,
    });
    expect(lock.base.packages?.find(one => one.name === 'libc6')?.requested).toBe(false);
    expect(lock.packages.map(one => one.name)).toEqual(['on-top']);

    // The archive drops one, has another one newer, and has no index at all in the end.
    const debs = ['in-base', 'on-top'].map(
      name => `${mirror?.directory}/pool/main/${name}/${name}_1_all.deb`,
    );
    const kept = debs.map(file => fs.readFileSync(file));
    await mirror?.withdraw('in-base', 'on-top');
    await mirror?.publish([pkg('on-top', '3')]);
    for (const [index, file] of debs.entries()) {
      fs.mkdirSync(path.dirname(file), { recursive: true });
      fs.writeFileSync(file, kept[index] as Buffer);
    }
    const dists = `${mirror?.directory}/dists`;
    fs.renameSync(dists, `${dists}.away`);
    try {
      const empty = work.join('empty');
      expect(await image(empty, '--locked')).toMatchObject({ image: built.image, base: built.base });
      const cached = fs.readdirSync(`${empty}/cache/apt`, { recursive: true, encoding: 'utf8' });
      expect(cached.filter(name => name.includes('in-base'))).not.toEqual([]);
      expect(cached.filter(name => /_(?:Packages|(?:In)?Release)/.test(name))).toEqual([]);
      // Of the same packages, but asked for in another way.
      const text = fs.readFileSync(spec, 'utf8');
      fs.writeFileSync(spec, text.replace('bootstrap: {', 'bootstrap: { variant: important,'));
      const asked = await aptLayer(empty, ['compose', 'tree', '--locked', spec]);
      fs.writeFileSync(spec, text);
      expect([asked.code, asked.stderr]).toEqual([3, expect.stringMatching(/not of this spec: `bootstrap`/)]);
      // Another base than was locked is none.
      const other = lock.base.packages?.filter(one => one.name !== 'in-base');
      fs.writeFileSync(
        `${spec}.lock.json`,
        JSON.stringify({ ...lock, base: { ...lock.base, packages: other } }),
      );
      const less = await aptLayer(work.join('less'), ['compose', 'tree', '--locked', spec]);
      expect([less.code, less.stderr]).toEqual([
        5,
        expect.stringMatching(/made of the packages of the lock/),
      ]);
      // One of another program does not say what it is made of.
      const { request, digest } = lock.base;
      const base = { request, digest };
      fs.writeFileSync(`${spec}.lock.json`, JSON.stringify({ ...lock, version: 1, base }));
      const old = await aptLayer(work.join('old'), ['compose', 'tree', '--locked', spec]);
      expect([old.code, old.stderr]).toEqual([
        expect.toBeOneOf([5, 7]),
        expect.stringMatching(/warning: the lock does not say what its base is made of/),
      ]);
      expect(await image(empty, '--locked')).toMatchObject({ image: built.image });
    } finally {
      fs.renameSync(`${dists}.away`, dists);
      fs.rmSync(`${mirror?.directory}/pool/main/on-top`, { recursive: true });
      await mirror?.publish([
        pkg('in-base', '1', { fields: { Priority: 'required' } }),
        pkg('on-top', '1', { depends: ['in-base'] }),
      ]);
    }
  });

  it('foresees and makes a new base when the archive has moved on', async () => {
    await mirror?.publish([
      pkg('in-base', '2', { fields: { Priority: 'required' }, depends: ['in-base-data'] }),
      pkg('in-base-data', '2'),
      pkg('on-top', '2', { depends: ['in-base (>= 2)'] }),
    ]);
    const before = stateOf(sysroot);
    const preview = (await aptLayerMust(sysroot, ['upgrade', '--preview', '--json'])).json();
    expect(preview).toMatchObject({
      available: true,
      base: { request: 'apt://test', newest: null },
      upgraded: [
        { name: 'in-base', from: '1', to: '2' },
        { name: 'on-top', from: '1', to: '2' },
      ],
      added: [{ name: 'in-base-data', version: '2' }],
      removed: [],
    });
    expect(stateOf(sysroot)).toBe(before);
    expect((await aptLayerMust(installed.path, ['upgrade', '--preview', '--json'])).json()).toEqual(preview);
    await aptLayerMust(sysroot, ['upgrade']);
    const [now, was] = await deployments(sysroot);
    expect(now?.packages).toEqual(['on-top_2_all']);
    expect(now?.['base-checksum']).not.toBe(was?.['base-checksum']);
    const diff = (await aptLayerMust(sysroot, ['db', 'diff', '1', '0', '--json'])).json();
    const { upgraded, added } = preview as Record<string, { name: string }[]>;
    expect(diff).toMatchObject({
      upgraded: upgraded?.map(({ name }) => ({ name })),
      added: added?.map(({ name }) => ({ name })),
    });
    expect((await aptLayer(sysroot, ['upgrade', '--unchanged-exit-77'])).code).toBe(77);
  });

  it('keeps the base of the deployment when packages are layered after going back', async () => {
    const [, was] = await deployments(sysroot);
    await aptLayerMust(sysroot, ['rollback']);
    await aptLayerMust(sysroot, ['unlayer', 'on-top']);
    expect((await deployments(sysroot))[0]?.['base-checksum']).toBe(was?.['base-checksum']);
  });
});
