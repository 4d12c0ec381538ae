import fs from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  cleanup,
  createDeployment,
  deploymentRecovery,
  listDeployments,
  type NewDeployment,
  readDeployments,
  setPinned,
  storePath,
} from '../../src/deployment/index.ts';
import { importDirectory, setRef, unreachable, writeImageObject } from '../../src/store/index.ts';
import { ensureStore } from '../../src/store/store.ts';
import { type Sysroot, withTransaction } from '../../src/transaction/index.ts';
import { scratchDirectory, testHost } from '../support/host.ts';
import { aptLayer, aptLayerMust } from '../support/program.ts';

const STATUS = (version: string) =>
  `Package: vim\nStatus: install ok installed\nArchitecture: amd64\nVersion: ${version}\n`;

/** A small Debian-like root: /etc, /var with the parts that are treated specially, a package database. */
function makeRoot(path: string, version: string): void {
  const put = (name: string, text: string, mode = 0o644) => {
    const file = `${path}/${name}`;
    fs.mkdirSync(file.slice(0, file.lastIndexOf('/')), { recursive: true });
    fs.writeFileSync(file, text, { mode });
  };
  put('etc/hostname', 'localhost\n');
  put('etc/shadow', 'root:*::0:::::\n', 0o640);
  put('usr/bin/vim', `vim ${version} ${'x'.repeat(200)}`, 0o755);
  put('usr/lib/sysimage/dpkg/status', STATUS(version));
  put('var/lib/app/state', `state of ${version}`);
  put('var/cache/apt/pkgcache.bin', 'x');
  fs.symlinkSync('../../usr/lib/sysimage/dpkg', `${path}/var/lib/dpkg`);
}

async function importRoot({ host, sysroot }: Sysroot, version: string): Promise<string> {
  const store = ensureStore(host, storePath(sysroot));
  const root = `${sysroot}/root-${version}`;
  makeRoot(root, version);
  const image = writeImageObject(store, await importDirectory(store, root, { mode: 'adopt' }));
  fs.rmSync(root, { recursive: true });
  setRef(store, `base/vim/${version}`, image);
  return image;
}

function requestOf(image: string, parts: Partial<NewDeployment> = {}): NewDeployment {
  return {
    name: 'web',
    image,
    base: { request: 'local://vim', digest: image },
    version: undefined,
    specText: 'base-image: local://vim\n',
    lockText: '{}\n',
    origin: { spec: undefined, lock: undefined },
    requestedPackages: ['vim'],
    packages: ['vim_1_amd64'],
    ...parts,
  };
}

function create(at: Sysroot, request: NewDeployment): Promise<string> {
  const { host, sysroot } = at;
  const options = {
    verb: 'compose tree',
    commandLine: 'compose tree web.yaml',
    recovery: [deploymentRecovery],
  };
  const store = ensureStore(host, storePath(sysroot));
  return withTransaction(
    at,
    { ...options, summarize: (deployment: string) => ({ deployment }) },
    transaction => createDeployment(transaction.host, store, transaction, request),
  );
}

/** A sysroot with two images and a deployment of each. */
async function twoDeployments(at: Sysroot) {
  const images = [await importRoot(at, '1'), await importRoot(at, '2')];
  const ids: string[] = [];
  for (const image of images) ids.push(await create(at, requestOf(image)));
  return { images, ids, ordered: () => listDeployments(at).map(one => one.id) };
}

describe('createDeployment', () => {
  it('makes a complete deployment and puts it first', async () => {
    using scratch = scratchDirectory();
    const host = testHost({ clock: () => new Date('2025-01-28T14:30:22Z') });
    const { ids, ordered } = await twoDeployments({ host, sysroot: scratch.path });
    expect(ids).toStrictEqual(['web-20250128-143022', 'web-20250128-143022-2']);
    expect(ordered()).toStrictEqual([...ids].reverse());
    const directory = `${scratch.path}/state/deploy/${ids[0]}`;
    expect(fs.readdirSync(directory).sort()).toStrictEqual([
      'deployment.json',
      'etc',
      'etc.json',
      'lock.json',
      'public.json',
      'spec.yaml',
      'var',
    ]);
    expect(fs.readFileSync(`${directory}/etc/hostname`, 'utf8')).toBe('localhost\n');
    expect(fs.statSync(`${directory}/etc/shadow`).mode & 0o777).toBe(0o640);
    expect(fs.readlinkSync(`${directory}/var`)).toBe('../../os/web/var');
    expect(fs.readdirSync(`${scratch.path}/state/deploy`)).toHaveLength(2);
  });

  it('seeds the shared var once, and later only with what it lacks', async () => {
    using scratch = scratchDirectory();
    const host = testHost();
    const image = await importRoot({ host, sysroot: scratch.path }, '1');
    await create({ host, sysroot: scratch.path }, requestOf(image));
    const shared = `${scratch.path}/state/os/web/var`;
    expect(fs.readFileSync(`${shared}/lib/app/state`, 'utf8')).toBe('state of 1');
    expect(fs.readlinkSync(`${shared}/lib/dpkg`)).toBe('../../usr/lib/sysimage/dpkg');
    expect(fs.readdirSync(`${shared}/cache/apt`)).toStrictEqual([]);
    fs.writeFileSync(`${shared}/lib/app/state`, 'mine');
    fs.rmSync(`${shared}/lib/dpkg`);
    fs.rmSync(`${shared}/cache`, { recursive: true });
    fs.symlinkSync('/nowhere', `${shared}/cache`);
    await create(
      { host, sysroot: scratch.path },
      requestOf(await importRoot({ host, sysroot: scratch.path }, '2')),
    );
    expect(fs.readFileSync(`${shared}/lib/app/state`, 'utf8')).toBe('mine');
    expect(fs.readlinkSync(`${shared}/lib/dpkg`)).toBe('../../usr/lib/sysimage/dpkg');
    expect(fs.readlinkSync(`${shared}/cache`)).toBe('/nowhere');
    expect(fs.readdirSync(`${scratch.path}/state/os/web`)).toStrictEqual(['var']);
  });

  it('undoes all of it when the image is not there', async () => {
    using scratch = scratchDirectory();
    const host = testHost();
    const { ids, ordered } = await twoDeployments({ host, sysroot: scratch.path });
    await expect(create({ host, sysroot: scratch.path }, requestOf('f'.repeat(64)))).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    expect(ordered()).toStrictEqual([...ids].reverse());
    expect(fs.readdirSync(`${scratch.path}/state/deploy`)).toHaveLength(2);
    expect(fs.readdirSync(`${scratch.path}/composefs/images/refs/deployment`)).toHaveLength(2);
  });

  it('stops at the user wish before anything shows', async () => {
    using scratch = scratchDirectory();
    const controller = new AbortController();
    const image = await importRoot({ host: testHost(), sysroot: scratch.path }, '1');
    controller.abort();
    const host = testHost({ signal: controller.signal });
    await expect(create({ host, sysroot: scratch.path }, requestOf(image))).rejects.toMatchObject({
      code: 'INTERRUPTED',
    });
    expect(readDeployments({ host, sysroot: scratch.path })).toStrictEqual({
      deployments: [],
      damaged: [],
      stagingFailure: undefined,
    });
    expect(fs.readdirSync(`${scratch.path}/composefs/images/refs/deployment`)).toStrictEqual([]);
  });

  it.each(['../x', 'A', ''])('refuses the name %j', async name => {
    using scratch = scratchDirectory();
    const host = testHost();
    const image = await importRoot({ host, sysroot: scratch.path }, '1');
    await expect(create({ host, sysroot: scratch.path }, requestOf(image, { name }))).rejects.toMatchObject({
      code: 'SPEC_INVALID',
    });
  });
});

describe('cleanup', () => {
  const options = { verb: 'cleanup', commandLine: 'cleanup', recovery: [deploymentRecovery] };

  it('keeps what is protected, and takes the rest with all that only it used', async () => {
    using scratch = scratchDirectory();
    const host = testHost();
    const { images, ids } = await twoDeployments({ host, sysroot: scratch.path });
    const store = ensureStore(host, storePath(scratch.path));
    const third = await importRoot({ host, sysroot: scratch.path }, '3');
    for (const image of [third, third])
      ids.push(await create({ host, sysroot: scratch.path }, requestOf(image)));
    for (const name of ['1', '2']) fs.rmSync(`${scratch.path}/composefs/images/refs/base/vim/${name}`);
    setRef(store, 'build/aaaa', images[0] ?? '');
    setRef(store, 'build/bbbb', third);
    await withTransaction({ host, sysroot: scratch.path }, options, async transaction =>
      setPinned(transaction, { id: ids[1] ?? '', pinned: true }),
    );
    const done = await withTransaction({ host, sysroot: scratch.path }, options, async transaction =>
      cleanup(transaction),
    );
    expect(done.removed.map(one => one.id)).toStrictEqual([ids[0]]);
    expect(done.refs).toStrictEqual(['build/aaaa']);
    expect(done.pruned.objects).toBeGreaterThanOrEqual(3);
    expect(listDeployments({ host, sysroot: scratch.path }).map(one => one.id)).toStrictEqual([
      ids[3],
      ids[2],
      ids[1],
    ]);
    expect(fs.readdirSync(`${scratch.path}/state/deploy`)).toHaveLength(3);
    expect(unreachable(store)).toStrictEqual({ objects: 0, images: 0, bytes: 0 });
  });

  it('leaves a deployment that it cannot read alone, with its image', async () => {
    using scratch = scratchDirectory();
    const host = testHost();
    const { images, ids } = await twoDeployments({ host, sysroot: scratch.path });
    for (let i = 0; i < 2; i++) await create({ host, sysroot: scratch.path }, requestOf(images[1] ?? ''));
    fs.writeFileSync(`${scratch.path}/state/deploy/${ids[0]}/deployment.json`, 'garbage');
    fs.rmSync(`${scratch.path}/composefs/images/refs/base/vim/1`);
    expect(readDeployments({ host, sysroot: scratch.path }).damaged).toMatchObject([{ id: ids[0] }]);
    await withTransaction({ host, sysroot: scratch.path }, options, async transaction =>
      cleanup(transaction),
    );
    expect(fs.existsSync(`${scratch.path}/state/deploy/${ids[0]}/etc/hostname`)).toBe(true);
    expect(fs.existsSync(`${scratch.path}/composefs/images/${images[0]}`)).toBe(true);
  });
});

describe('the verbs', () => {
  const scratch = scratchDirectory();
  const sysroot = scratch.path;
  let ids: string[] = [];
  let images: string[] = [];

  beforeAll(async () => {
    ({ ids, images } = await twoDeployments({ host: testHost(), sysroot }));
    return () => scratch[Symbol.dispose]();
  });

  const status = async () => (await aptLayerMust(sysroot, ['status', '--json'])).json() as Status;
  interface Status {
    deployments: Record<string, unknown>[];
    transaction: unknown;
    schema: number;
  }

  it('status: the keys of rpm-ostree, arrays always there', async () => {
    const document = await status();
    expect(document).toMatchObject({ schema: 1, transaction: null, 'cached-update': null });
    expect(document.deployments[0]).toMatchObject({
      id: ids[1],
      osname: 'web',
      serial: expect.any(Number) as number,
      checksum: images[1],
      'base-checksum': images[1],
      origin: 'local://vim',
      booted: false,
      staged: false,
      pinned: false,
      'requested-packages': ['vim'],
      'requested-local-packages': [],
      'requested-base-removals': [],
      'requested-base-local-replacements': [],
      packages: ['vim_1_amd64'],
      'base-removals': [],
      'base-local-replacements': [],
      'initramfs-args': [],
      'regenerate-initramfs': false,
    });
  });

  it('status: for people', async () => {
    const { stdout } = await aptLayerMust(sysroot, ['status']);
    expect(stdout).toContain(`● ${ids[1]} (index 0)\n`);
    expect(stdout).toContain(`  ${ids[0]} (index 1)\n`);
    expect(stdout).toMatch(/^ +Digest: [0-9a-f]{64}$/m);
    expect(stdout).toMatch(/^ +LayeredPackages: vim$/m);
    expect(stdout).not.toContain('Packages: vim_1_amd64');
    expect((await aptLayerMust(sysroot, ['-v', 'status'])).stdout).toContain(' Packages: vim_1_amd64');
  });

  it('rollback twice changes nothing; a dry run neither', async () => {
    const first = async () => (await status()).deployments[0]?.['id'];
    await aptLayerMust(sysroot, ['rollback', '--dry-run']);
    expect(await first()).toBe(ids[1]);
    await aptLayerMust(sysroot, ['ostree', 'rollback']);
    expect(await first()).toBe(ids[0]);
    await aptLayerMust(sysroot, ['rollback']);
    expect(await first()).toBe(ids[1]);
  });

  it('deploy: by id and by prefix, and 77 when asked for', async () => {
    const done = await aptLayerMust(sysroot, ['deploy', ids[0] ?? '', '--json']);
    expect(done.json()).toMatchObject({ deployment: ids[0], previous: ids[1], changed: true });
    expect((await aptLayer(sysroot, ['deploy', '0', '--unchanged-exit-77'])).code).toBe(77);
    expect((await aptLayer(sysroot, ['deploy', (images[1] ?? '').slice(0, 8)])).code).toBe(0);
    const missing = await aptLayer(sysroot, ['deploy', 'nonsense']);
    expect(missing.code).toBe(1);
    expect(missing.stderr).toContain(`there are: 0 ${ids[1]}, 1 ${ids[0]}`);
  });

  it('pin and unpin', async () => {
    await aptLayerMust(sysroot, ['pin', '1']);
    expect((await status()).deployments.map(one => one['pinned'])).toStrictEqual([false, true]);
    expect((await aptLayerMust(sysroot, ['status'])).stdout).toMatch(/^ +Pinned: yes$/m);
    await aptLayerMust(sysroot, ['unpin', ids[0] ?? '']);
    expect((await status()).deployments.map(one => one['pinned'])).toStrictEqual([false, false]);
  });

  it('diff: packages and files, for people and for programs', async () => {
    const { stdout } = await aptLayerMust(sysroot, ['diff']);
    expect(stdout).toContain(`from ${ids[0]} (`);
    expect(stdout).toContain('Upgraded (1 package):\n  vim:amd64 1 -> 2\n');
    expect(stdout).toContain('  M /usr/bin/vim (content)\n');
    const json = (await aptLayerMust(sysroot, ['diff', '0', '1', '--json'])).json();
    expect(json).toMatchObject({
      from: { id: ids[1] },
      packages: { downgraded: [{ name: 'vim', from: '2', to: '1' }], upgraded: [] },
      files: expect.arrayContaining([
        expect.objectContaining({ path: '/usr/bin/vim', change: 'changed', aspects: ['content'] }),
      ]) as unknown,
    });
    const below = await aptLayerMust(sysroot, ['diff', '--path', '/var/', '--json']);
    expect(below.json()).toMatchObject({ packages: null, files: [{ path: '/var/lib/app/state' }] });
    const same = await aptLayerMust(sysroot, ['diff', '0', 'local://vim/2']);
    expect(same.stdout).toContain('No differences.');
    expect((await aptLayer(sysroot, ['diff', '--path', '/nowhere'])).stderr).toContain(
      'neither image has /nowhere',
    );
  });

  it('log: what was done, with results', async () => {
    const { stdout } = await aptLayerMust(sysroot, ['log']);
    expect(stdout).toMatch(/done .*compose tree web.yaml/);
    const json = (await aptLayerMust(sysroot, ['log', '--json', '--lines', '3'])).json();
    expect(json).toMatchObject({
      schema: 1,
      transactions: [{ verb: 'unpin' }, { verb: 'pin' }, { verb: 'deploy' }],
    });
  });

  it('cleanup: a dry run says what the real one does', async () => {
    await aptLayerMust(sysroot, ['deploy', ids[1] ?? '']);
    const store = ensureStore(testHost(), storePath(sysroot));
    for (const version of ['1', '2']) fs.rmSync(`${store.root}/images/refs/base/vim/${version}`);
    await create({ host: testHost(), sysroot }, requestOf(images[1] ?? ''));
    const planned = (await aptLayerMust(sysroot, ['cleanup', '-n', '--json'])).json() as Record<
      string,
      unknown
    >;
    expect(planned).toMatchObject({ dryRun: true, removed: [ids[0]] });
    const done = (await aptLayerMust(sysroot, ['cleanup', '--json'])).json() as Record<string, unknown>;
    expect(done).toStrictEqual({ ...planned, dryRun: false });
    expect(done['bytes']).toBeGreaterThan(0);
    expect((await aptLayerMust(sysroot, ['fsck', '--json'])).json()).toMatchObject({ findings: [] });
  });

  it('a sysroot of a newer program is refused with 3, and not touched', async () => {
    using other = scratchDirectory();
    fs.mkdirSync(`${other.path}/state`);
    fs.writeFileSync(`${other.path}/state/version`, '{"version":2}\n');
    for (const verb of [['status'], ['log'], ['rollback'], ['cleanup']]) {
      const refused = await aptLayer(other.path, verb);
      expect([refused.code, refused.stderr]).toStrictEqual([3, expect.stringContaining('newer apt-layer')]);
    }
    expect(fs.readdirSync(`${other.path}/state`)).toStrictEqual(['version']);
  });
});
