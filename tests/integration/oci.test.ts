import fs from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { execute, must } from '../support/command.ts';
import { aptLayer, aptLayerMust } from '../support/program.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary.ts';

interface Imported {
  readonly image: string;
  readonly entries: number;
  readonly manifest: string;
  readonly labels: Record<string, string>;
  readonly layers: { all: number; imported: number };
}

const LONG = 'long enough to be an object of its own, not a part of the image\n'.repeat(3);

let directory: TemporaryDirectory;
let sysroot: string;
/** A layout with the image `one` of two layers, made by umoci, and `two`, which has a third. */
let layout: string;

beforeAll(async () => {
  directory = temporaryDirectory('oci');
  sysroot = directory.join('sysroot');
  layout = directory.join('layout');
  const [lower, upper, third] = ['lower', 'upper', 'third'].map(name => directory.join(name)) as [
    string,
    string,
    string,
  ];
  fs.mkdirSync(`${lower}/usr/share/gone`, { recursive: true });
  fs.mkdirSync(`${lower}/usr/share/opaque`);
  fs.mkdirSync(`${lower}/usr/bin`);
  fs.writeFileSync(`${lower}/usr/share/gone/file`, LONG);
  fs.writeFileSync(`${lower}/usr/share/opaque/old`, LONG);
  fs.writeFileSync(`${lower}/usr/bin/tool`, LONG, { mode: 0o755 });
  fs.writeFileSync(`${lower}/usr/bin/removed`, 'short');
  fs.symlinkSync('usr/bin', `${lower}/bin`);
  fs.mkdirSync(`${upper}/usr/bin`, { recursive: true });
  fs.writeFileSync(`${upper}/usr/bin/tool`, `${LONG}changed\n`);
  fs.chmodSync(`${upper}/usr/bin/tool`, 0o4755);
  fs.linkSync(`${upper}/usr/bin/tool`, `${upper}/usr/bin/linked`);
  fs.mkdirSync(third);
  fs.writeFileSync(`${third}/new`, LONG);
  const umoci = (...args: string[]) => must('umoci', args);
  await umoci('init', '--layout', layout);
  await umoci('new', '--image', `${layout}:one`);
  await umoci(
    'config',
    '--image',
    `${layout}:one`,
    '--os',
    'linux',
    '--architecture',
    await goArchitecture(),
  );
  await umoci('insert', '--image', `${layout}:one`, lower, '/');
  await umoci('insert', '--image', `${layout}:one`, upper, '/');
  await umoci('insert', '--image', `${layout}:one`, '--whiteout', '/usr/share/gone');
  await umoci('insert', '--image', `${layout}:one`, '--whiteout', '/usr/bin/removed');
  await umoci('insert', '--image', `${layout}:one`, '--opaque', third, '/usr/share/opaque');
  await umoci('tag', '--image', `${layout}:one`, 'two');
  await umoci('insert', '--image', `${layout}:two`, third, '/opt');
});
afterAll(() => directory[Symbol.asyncDispose]());

async function goArchitecture(): Promise<string> {
  return (await must('dpkg', ['--print-architecture'])).trim();
}

async function imported(source: string, ref: string, at = sysroot): Promise<Imported> {
  return (await aptLayerMust(at, ['import', `oci:${source}`, '--ref', ref, '--json'])).json() as Imported;
}

/** Paths of files that differ between two images of the store. */
async function difference(a: string, b: string, ...options: string[]): Promise<unknown[]> {
  const result = await aptLayerMust(sysroot, ['diff', `local://${a}`, `local://${b}`, '--json', ...options]);
  return (result.json() as { files: unknown[] }).files;
}

describe('images of other tools', () => {
  it('layers and whiteouts give the files that umoci unpacks', async () => {
    const bundle = directory.join('bundle');
    await must('umoci', ['unpack', '--image', `${layout}:one`, bundle]);
    await aptLayerMust(sysroot, ['image', 'import', `${bundle}/rootfs`, '--ref', 'unpacked']);
    const { layers } = await imported(`${layout}:one`, 'one');
    expect(layers).toEqual({ all: 5, imported: 5 });
    expect(await difference('unpacked', 'one')).toEqual([]);
    const out = directory.join('out');
    await aptLayerMust(sysroot, ['image', 'checkout', 'one', out]);
    expect(fs.readdirSync(`${out}/usr/share`)).toEqual(['opaque']);
    expect(fs.readdirSync(`${out}/usr/share/opaque`)).toEqual(['new']);
    expect(fs.readdirSync(`${out}/usr/bin`).sort()).toEqual(['linked', 'tool']);
    const { mode, nlink } = fs.statSync(`${out}/usr/bin/tool`);
    expect({ mode: mode & 0o7777, nlink }).toEqual({ mode: 0o4755, nlink: 2 });
  });

  it('another image needs only the layers that are its own', async () => {
    const again = directory.join('again');
    expect((await imported(`${layout}:one`, 'one', again)).layers.imported).toBe(5);
    expect((await imported(`${layout}:two`, 'two', again)).layers).toEqual({ all: 6, imported: 1 });
    expect((await imported(`${layout}:two`, 'two', again)).layers).toEqual({ all: 6, imported: 0 });
    // What an image with a name was put together from stays for the next one, and goes with it.
    const refs = `${again}/composefs/images/refs`;
    for (const left of [6, 5]) {
      await aptLayerMust(again, ['cleanup']);
      expect(fs.readdirSync(`${refs}/oci/layer`)).toHaveLength(left);
      fs.rmSync(`${refs}/base/two`, { force: true });
    }
    await aptLayerMust(again, ['fsck']);
  });

  it('an image without a tag is named where there are several', async () => {
    const { code, stderr } = await aptLayer(sysroot, ['import', `oci:${layout}`]);
    expect(code).toBe(1);
    expect(stderr).toContain('does not have one image');
    expect(stderr).toContain('it has: one, two');
  });

  it('a dry run says what there is, and imports nothing', async () => {
    const untouched = directory.join('untouched');
    const { stdout } = await aptLayerMust(untouched, ['import', `oci:${layout}:two`, '-n', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ image: null, layers: { all: 6, imported: 0 } });
    expect(fs.existsSync(untouched)).toBe(false);
  });

  it.each(['gzip', 'zstd'])('what skopeo copies with %s layers is the same', async kind => {
    await imported(`${layout}:one`, 'one');
    const copied = directory.join(`copied-${kind}`);
    await must('skopeo', [
      'copy',
      '--quiet',
      '--dest-compress-format',
      kind,
      `oci:${layout}:one`,
      `oci:${copied}:one`,
    ]);
    await imported(copied, `copied-${kind}`);
    expect(await difference('one', `copied-${kind}`, '--times')).toEqual([]);
  });
});

function flip(path: string): void {
  const bytes = fs.readFileSync(path);
  bytes[30] = (bytes[30] ?? 0) ^ 1;
  fs.writeFileSync(path, bytes);
}

describe('export', () => {
  it('and import give the same image, whoever copied it in between', async () => {
    const { image } = await imported(`${layout}:two`, 'two');
    const out = directory.join('exported');
    const exported = (
      await aptLayerMust(sysroot, ['export', 'local://two', `oci:${out}:v1`, '--label', 'team=web', '--json'])
    ).json() as { manifest: string; image: string };
    expect(exported.image).toBe(image);
    const back = await imported(`${out}:v1`, 'back');
    expect(back).toMatchObject({ image, manifest: exported.manifest, labels: { team: 'web' } });
    const copy = directory.join('exported-copy');
    await must('skopeo', ['copy', '--quiet', `oci:${out}:v1`, `oci:${copy}:v1`]);
    expect((await imported(copy, 'copied')).image).toBe(image);
    await must('umoci', ['unpack', '--image', `${out}:v1`, directory.join('exported-bundle')]);
    const rootfs = directory.join('exported-bundle', 'rootfs');
    const unpacked = (await aptLayerMust(sysroot, ['image', 'import', rootfs, '--json'])).json() as Imported;
    expect(unpacked.image).toBe(image);
  });

  it('gives the same manifest each time, and keeps other images of the layout', async () => {
    await imported(`${layout}:one`, 'one');
    await imported(`${layout}:two`, 'two');
    const out = directory.join('several');
    const write = async (name: string, tag: string) =>
      (
        (
          await aptLayerMust(sysroot, ['export', `local://${name}`, `oci:${out}:${tag}`, '--json'])
        ).json() as Imported
      ).manifest;
    const first = await write('one', 'a');
    await write('two', 'b');
    expect(await write('one', 'a')).toBe(first);
    const { manifests } = JSON.parse(fs.readFileSync(`${out}/index.json`, 'utf8')) as {
      manifests: { annotations: Record<string, string> }[];
    };
    expect(manifests.flatMap(one => Object.values(one.annotations))).toEqual(['b', 'a']);
    expect(fs.readdirSync(`${out}/blobs/sha256`)).toHaveLength(2 * 3);
    expect(fs.readdirSync(`${out}/blobs`)).toEqual(['sha256']);
    expect(await must('skopeo', ['inspect', `oci:${out}:b`])).toContain('"Os": "linux"');
  });

  it('refuses names that would remove files, a directory of something else, and other places', async () => {
    const root = directory.join('whiteout');
    fs.mkdirSync(root);
    fs.writeFileSync(`${root}/.wh.x`, '');
    await aptLayerMust(sysroot, ['image', 'import', root, '--ref', 'whiteout']);
    const run = (...args: string[]) => aptLayer(sysroot, ['export', ...args]);
    const at = directory.join('whiteout-out');
    expect((await run('local://whiteout', `oci:${at}`)).stderr).toContain('/.wh.x cannot be in an OCI layer');
    expect(fs.readdirSync(`${at}/blobs`)).toEqual(['sha256']);
    expect((await run('local://whiteout', `oci:${root}`)).stderr).toContain(
      'something else than an OCI image layout',
    );
    const other = await run('local://whiteout', 'docker://example.org/x');
    expect(other.code).toBe(2);
    expect(other.stderr).toContain('apt-layer push');
  });

  it('to a full disk is an error at each change, and leaves no half of a blob', async () => {
    await imported(`${layout}:one`, 'one');
    for (let change = 1; ; change += 1) {
      const out = directory.join(`full-${change}`);
      const env = { APT_LAYER_FAULT: `enospc:${change}` };
      const { code, stderr } = await aptLayer(sysroot, ['export', 'local://one', `oci:${out}`], { env });
      if (code === 0) break;
      expect(code, stderr).toBe(1);
      const blobs = fs.existsSync(`${out}/blobs`) ? fs.readdirSync(`${out}/blobs`) : [];
      expect(blobs.filter(name => name !== 'sha256')).toEqual([]);
      expect(change).toBeLessThan(60);
    }
  });

  it('reads each object as it writes it: a damaged one is not published', async () => {
    const at = directory.join('hurt');
    await imported(`${layout}:one`, 'one', at);
    const { stdout } = await execute('grep', ['-rl', 'changed', `${at}/composefs/objects`]);
    flip(stdout.trim().split('\n')[0] ?? '');
    const out = directory.join('hurt-out');
    const { code, stderr } = await aptLayer(at, ['export', 'local://one', `oci:${out}`]);
    expect(code).toBe(6);
    expect(stderr).toMatch(/object [0-9a-f]{64} is damaged/);
    expect(JSON.parse(fs.readFileSync(`${out}/index.json`, 'utf8'))).toMatchObject({ manifests: [] });
  });
});
