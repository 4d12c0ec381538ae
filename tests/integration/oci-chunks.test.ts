import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Archive, archive } from '../support/archive.ts';
import { buildahIn } from '../support/buildah.ts';
import { must } from '../support/command.ts';
import type { DebDescription } from '../support/deb.ts';
import { importLayout } from '../support/oci-import.ts';
import { type PodmanUser, podmanFor, podmanIsMissing } from '../support/podman.ts';
import { aptLayer, aptLayerMust } from '../support/program.ts';
import { type Registry, startRegistry } from '../support/registry.ts';
import { type LocalSystem, localSystem, repositories } from '../support/system.ts';

const MISSING = podmanIsMissing();

let repository: Archive;
let system: LocalSystem;
/** It has `local://one`, and `local://two` with a newer `tool`. */
let sysroot: string;
/** It has the image `one`, and then `two` made after it. */
let layout: string;
let first: Exported;
let second: Exported;
const images = { one: '', two: '' };

interface Exported {
  readonly image: string;
  readonly manifest: string;
  readonly size: number;
  readonly layers: { readonly all: number; readonly packed: number; readonly packedBytes: number };
}

interface Descriptor {
  readonly digest: string;
  readonly mediaType: string;
  readonly annotations: Readonly<Record<string, string>>;
}

interface Image {
  readonly manifest: {
    readonly layers: readonly Descriptor[];
    readonly config: Descriptor;
    readonly annotations: Readonly<Record<string, string>>;
  };
  readonly config: {
    readonly rootfs: { readonly diff_ids: readonly string[] };
    readonly history: readonly { readonly created_by: string }[];
    readonly config: { readonly Labels?: Readonly<Record<string, string>> };
  };
}

/** Bytes that do not get smaller, the same each time. */
function noise(seed: string, size: number): Buffer {
  const parts = Array.from({ length: Math.ceil(size / 32) }, (_, index) =>
    createHash('sha256').update(`${seed}${index}`).digest(),
  );
  return Buffer.concat(parts).subarray(0, size);
}

const tool = (version: string): DebDescription[] => [
  {
    name: 'tool',
    version,
    files: {
      '/usr/bin/tool': { content: noise(version, 100_000), mode: 0o4755 },
      '/usr/share/tool/linked': { hardlink: '/usr/bin/tool' },
      '/usr/share/tool/private': { directory: true, mode: 0o2750, gid: 8 },
      '/usr/share/tool/private/file': version,
      '/opt/tool/file': version,
      '/usr/local/share/tool': version,
    },
    scripts: { postinst: 'echo made >/usr/share/made-by-tool; echo changed >/etc/tool-state' },
  },
  { name: 'tool-data', version, fields: { Source: 'tool' }, files: { '/usr/share/tool-data': version } },
];

const run = async (...args: string[]) =>
  (await aptLayerMust(sysroot, [...args, '--json'])).json() as Exported;

function read(at: string, tag: string): Image {
  const blob = (digest: string) =>
    JSON.parse(fs.readFileSync(`${at}/blobs/sha256/${digest.slice('sha256:'.length)}`, 'utf8')) as unknown;
  const { manifests } = JSON.parse(fs.readFileSync(`${at}/index.json`, 'utf8')) as {
    manifests: Descriptor[];
  };
  const found = manifests.find(one => Object.values(one.annotations).includes(tag));
  const manifest = blob(found?.digest ?? '') as Image['manifest'];
  return { manifest, config: blob(manifest.config.digest) as Image['config'] };
}

const layersOf = (at: string, tag: string) => read(at, tag).manifest.layers.map(({ digest }) => digest);
const sourcesOf = ({ annotations }: Descriptor) =>
  (annotations['org.aptlayer.sources'] ?? '').split(' ').filter(name => name !== '');

async function build(ref: 'one' | 'two'): Promise<void> {
  const file = system.spec(
    ref,
    `name: server\nversion: "${ref}"\nbase-image: local://min\n${repositories(repository)}layers: [tool, tool-data]\n`,
  );
  const built = await aptLayerMust(sysroot, [
    'compose',
    'tree',
    file,
    '--no-deploy',
    '--ref',
    ref,
    '--json',
    '--refresh',
  ]);
  images[ref] = (built.json() as { image: string }).image;
}

beforeAll(async () => {
  repository = await archive(tool('1.0'));
  system = await localSystem(repository);
  sysroot = system.pristine;
  layout = system.directory.join('layout');
  await build('one');
  await repository.publish(tool('1.0+deb13u1'));
  await build('two');
  first = await run('export', 'local://one', `oci:${layout}:one`);
  second = await run('export', 'local://two', `oci:${layout}:two`, '--prior', `oci:${layout}:one`);
});
afterAll(async () => {
  await system?.[Symbol.asyncDispose]();
  await repository?.[Symbol.asyncDispose]();
});

describe('an image in layers of packages', () => {
  it('after an update of one source package has two layers that are new', () => {
    expect(first.layers.all).toBeGreaterThan(40);
    expect(first.layers).toMatchObject({ all: first.layers.packed, packedBytes: first.size });
    expect(second.layers).toMatchObject({ all: first.layers.all, packed: 2 });
    expect(second.layers.packedBytes).toBeLessThan(0.05 * second.size);
    const before = layersOf(layout, 'one');
    const { manifest } = read(layout, 'two');
    const changed = manifest.layers.filter(({ digest }) => !before.includes(digest));
    expect(changed.map(sourcesOf)).toEqual([['tool'], []]);
    // A source is in one layer, and each layer says what it has.
    const sources = manifest.layers.flatMap(sourcesOf);
    expect(sources).toContain('dpkg');
    expect(new Set(sources).size).toBe(sources.length);
  });

  it('says what it is, and what is in it', () => {
    const { manifest, config } = read(layout, 'two');
    expect(manifest.annotations).toMatchObject({
      'org.aptlayer.image': images.two,
      'org.aptlayer.chunking': '1',
      'org.opencontainers.image.created': expect.stringMatching(/^\d{4}-/),
      'org.aptlayer.packages': expect.stringMatching(/ tool-data=1\.0\+deb13u1 tool=1\.0\+deb13u1 /),
    });
    expect(manifest.layers[0]?.annotations['org.aptlayer.compressor']).toMatch(/^zlib [\d.]+.*level 6$/);
    expect(config.history).toHaveLength(manifest.layers.length);
    expect(config.history.map(one => one.created_by)).toContain('apt-layer export: packages of tool');
    // It has no kernel.
    expect(config.config.Labels?.['containers.bootc']).toBeUndefined();
  });

  it('comes back as the same image, and is exported in the same layers again', async () => {
    const other = system.directory.join('other');
    expect((await importLayout(other, { source: `${layout}:two`, ref: 'two' })).image).toBe(images.two);
    const again = system.directory.join('again');
    const exported = await aptLayerMust(other, [
      ...['export', 'local://two', `oci:${again}`, '--prior', `oci:${layout}:two`, '--json'],
    ]);
    expect(exported.json()).toMatchObject({ manifest: second.manifest });
    expect(layersOf(again, 'latest')).toEqual(layersOf(layout, 'two'));
    // Without a prior image it depends on the image alone.
    const fresh = system.directory.join('fresh');
    await importLayout(other, { source: `${layout}:one`, ref: 'one' });
    await aptLayerMust(other, ['export', 'local://one', `oci:${fresh}`]);
    expect(layersOf(fresh, 'latest')).toEqual(layersOf(layout, 'one'));
  });

  it('has the same archives packed by zstd, fewer layers where that is wanted, and one without', async () => {
    const at = system.directory.join('ways');
    await run('export', 'local://one', `oci:${at}:zstd`, '--compression', 'zstd');
    const zstd = read(at, 'zstd');
    expect(zstd.config.rootfs).toEqual(read(layout, 'one').config.rootfs);
    expect(new Set(zstd.manifest.layers.map(({ mediaType }) => mediaType))).toEqual(
      new Set(['application/vnd.oci.image.layer.v1.tar+zstd']),
    );
    expect(zstd.manifest.layers[0]?.annotations['org.aptlayer.compressor']).toMatch(/^libzstd 1\..*level 3$/);
    const few = await run('export', 'local://one', `oci:${at}:few`, '--max-layers', '6');
    expect(few.layers.all).toBeLessThanOrEqual(6);
    const single = await run('export', 'local://one', `oci:${at}:single`, '--chunked=no');
    expect(single.layers.all).toBe(1);
    const other = system.directory.join('ways-other');
    for (const tag of ['zstd', 'single'])
      expect((await importLayout(other, { source: `${at}:${tag}`, ref: tag })).image).toBe(images.one);
    const { code, stderr } = await aptLayer(sysroot, [
      ...['export', 'local://one', `oci:${at}:many`, '--max-layers', '128'],
    ]);
    expect(code).toBe(2);
    expect(stderr).toContain('127');
  });
});

describe('in a registry', () => {
  let registry: Registry;
  beforeAll(async () => {
    registry = await startRegistry();
  });
  afterAll(() => registry?.[Symbol.asyncDispose]());

  it('what replaces it keeps its layers: they are neither packed nor sent again', async () => {
    const name = `${registry.host}/server:stable`;
    const push = (image: string, ...more: string[]) =>
      run('--tls-verify', 'false', 'push', image, name, ...more);
    const one = await push('local://one');
    expect(one.layers.packed).toBe(first.layers.all);
    registry.requests();
    const two = await push('local://two');
    expect(two.layers).toEqual(second.layers);
    // Two layers and the configuration.
    const sent = registry.requests().filter(request => /^PUT .*\/blobs\/uploads\//.test(request));
    expect(sent).toHaveLength(3);
    expect(two.manifest).toBe(second.manifest);
    const other = system.directory.join('from-registry');
    const pulled = await aptLayerMust(other, [
      '--tls-verify',
      'false',
      'pull',
      name,
      '--ref',
      'two',
      '--json',
    ]);
    expect(pulled.json()).toMatchObject({ image: images.two, manifest: second.manifest });
    // Who names another prior image gets the layers of that one.
    const named = await run(
      '--tls-verify',
      'false',
      'push',
      'local://one',
      name,
      '--prior',
      `oci:${layout}:two`,
    );
    expect(named.manifest).toBe(first.manifest);
  });

  it('a layer that the registry has under a false name is packed here', async () => {
    const name = `${registry.host}/lied:1`;
    const lie = system.directory.join('lie');
    await must('cp', ['-a', layout, lie]);
    // The manifest says of another archive that it has what the layer of `tool` has.
    const { manifest, config } = read(lie, 'one');
    const index = manifest.layers.findIndex(one => sourcesOf(one).includes('tool'));
    const evil = createHash('sha256').update(randomBytes(8)).digest('hex');
    const blob = (value: unknown) => {
      const bytes = Buffer.from(JSON.stringify(value));
      const digest = createHash('sha256').update(bytes).digest('hex');
      fs.writeFileSync(`${lie}/blobs/sha256/${digest}`, bytes);
      return { digest: `sha256:${digest}`, size: bytes.length };
    };
    const diffIds = config.rootfs.diff_ids.map((one, at) => (at === index ? `sha256:${evil}` : one));
    const layers = manifest.layers.map((one, at) =>
      at === index ? { ...manifest.layers[0], annotations: one.annotations } : one,
    );
    const forgedConfig = { ...config, rootfs: { ...config.rootfs, diff_ids: diffIds } };
    const forged = { ...manifest, layers, config: { ...manifest.config, ...blob(forgedConfig) } };
    const mediaType = 'application/vnd.oci.image.manifest.v1+json';
    fs.writeFileSync(
      `${lie}/index.json`,
      JSON.stringify({ schemaVersion: 2, manifests: [{ mediaType, ...blob(forged) }] }),
    );
    await must('skopeo', ['copy', '-q', '--dest-tls-verify=false', `oci:${lie}`, `docker://${name}`]);
    const sent = await run('--tls-verify', 'false', 'push', 'local://one', name);
    expect(sent.layers.packed).toBe(1);
    const other = system.directory.join('after-lie');
    const pulled = await aptLayerMust(other, ['--tls-verify', 'false', 'pull', name, '--json']);
    expect(pulled.json()).toMatchObject({ image: images.one, manifest: first.manifest });
  });
});

describe.skipIf(MISSING !== undefined)(`engines${MISSING ? ` (${MISSING})` : ''}`, () => {
  const LOOK = `set -e; dpkg-query -W tool; tool=/usr/share/tool; stat -c '%a %u %g %Y' /usr/bin/tool $tool $tool/private /tmp /root/. /usr/lib
    [ /usr/bin/tool -ef $tool/linked ] && cat /opt/tool/file /usr/local/share/tool /usr/share/made-by-tool && ls -d /sysroot /boot`;
  let expected: string;

  beforeAll(async () => {
    const out = system.directory.join('out');
    await aptLayerMust(sysroot, ['image', 'checkout', 'two', out]);
    expected = await must('unshare', ['--mount', 'chroot', out, 'sh', '-c', LOOK]);
    expect(expected).toContain('4755 0 0');
    expect(expected).toContain('2750 0 8');
    fs.chmodSync(system.directory.path, 0o755);
  });

  it.each<[PodmanUser, string]>([
    ['root', 'gzip'],
    ['rootless', 'zstd'],
  ])('podman runs it as %s, packed by %s', async (user, compression) => {
    await using podman = podmanFor(user);
    const at = `${podman.directory}/layout`;
    if (compression === 'gzip') await must('cp', ['-a', layout, at]);
    else await run('export', 'local://two', `oci:${at}:two`, '--compression', compression);
    const id = await podman('pull', '--quiet', 'oci:layout:two');
    expect(`${await podman.sh(id, LOOK)}\n`).toBe(expected);
  });

  it('podman loads it from an archive of docker, and its storage takes it', async () => {
    const file = system.directory.join('docker.tar');
    await run('export', 'local://two', `docker-archive:${file}:localhost/server:2`);
    await using podman = podmanFor('root');
    expect(await podman('load', '--quiet', '--input', file)).toContain('localhost/server:2');
    expect(`${await podman.sh('localhost/server:2', LOOK)}\n`).toBe(expected);
    const other = system.directory.join('from-archive');
    const back = await aptLayerMust(other, ['import', `docker-archive:${file}`, '--json']);
    expect(back.json()).toMatchObject({ image: images.two });
    const packed = ['export', 'local://two', `docker-archive:${file}`, '--compression', 'zstd'];
    expect(await aptLayer(sysroot, packed)).toMatchObject({ code: 2 });
    // What is no file stays.
    const { code, stderr } = await aptLayer(sysroot, [
      'export',
      'local://two',
      'docker-archive:/dev/null:x:1',
    ]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('/dev/null is there, and is no file')]);
  });

  it('buildah builds on it', async () => {
    const buildah = buildahIn(system.directory.join('buildah'), 'overlay');
    const tree = await buildah.treeOfLayout(`${layout}:two`);
    expect(await must('chroot', [tree, 'sh', '-c', LOOK])).toBe(expected);
  });
});

describe('an image with a kernel', () => {
  it('has what bootc looks for, and comes back without', async () => {
    const root = system.directory.join('kernel');
    for (const version of ['6.1.0-9', '6.1.0-10']) {
      const modules = `${root}/usr/lib/modules/${version}`;
      fs.mkdirSync(modules, { recursive: true });
      fs.writeFileSync(`${modules}/vmlinuz`, randomBytes(1000));
      fs.writeFileSync(`${modules}/initrd.img`, randomBytes(1000));
    }
    // What it has by that name is its own.
    fs.symlinkSync('initrd.img', `${root}/usr/lib/modules/6.1.0-9/initramfs.img`);
    await aptLayerMust(sysroot, ['image', 'import', root, '--ref', 'kernel']);
    const at = system.directory.join('kernel-layout');
    const { image } = await run('export', 'local://kernel', `oci:${at}`);
    const { config } = read(at, 'latest');
    expect(config.config.Labels).toMatchObject({ 'containers.bootc': '1', 'ostree.linux': '6.1.0-10' });
    expect(config.history.map(one => one.created_by)).toContain('apt-layer export: initramfs');
    const bundle = system.directory.join('kernel-bundle');
    await must('umoci', ['unpack', '--image', `${at}:latest`, bundle]);
    for (const version of ['6.1.0-9', '6.1.0-10'])
      expect(fs.readlinkSync(`${bundle}/rootfs/usr/lib/modules/${version}/initramfs.img`)).toBe('initrd.img');
    const other = system.directory.join('kernel-other');
    expect((await importLayout(other, { source: at, ref: 'kernel' })).image).toBe(image);
    // Again, with the labels that came with it.
    await aptLayerMust(other, ['export', 'local://kernel', `oci:${at}:again`]);
    expect(layersOf(at, 'again')).toEqual(layersOf(at, 'latest'));
  });
});
