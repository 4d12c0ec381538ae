import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { must } from '../support/command.ts';
import { importLayout } from '../support/oci-import.ts';
import { digestOf, named, writeImage } from '../support/oci-layout.ts';
import { aptLayer, aptLayerMust } from '../support/program.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary.ts';

const LONG = 'long enough to be an object of its own, not a part of the image\n'.repeat(3);

let directory: TemporaryDirectory;
let sysroot: string;
/** It has the image that is `local://one`. */
let layout: string;

beforeAll(() => {
  directory = temporaryDirectory('oci-export');
  sysroot = directory.join('sysroot');
});
afterAll(() => directory[Symbol.asyncDispose]());

const imported = (source: string, ref: string) => importLayout(sysroot, { source, ref });

function flip(path: string): void {
  const bytes = fs.readFileSync(path);
  bytes[30] = (bytes[30] ?? 0) ^ 1;
  fs.writeFileSync(path, bytes);
}

/** The configuration of an image of a layout, as it was written. */
function configOf(at: string, tag: string): unknown {
  const read = (digest: string) =>
    JSON.parse(fs.readFileSync(`${at}/blobs/sha256/${digest.slice('sha256:'.length)}`, 'utf8')) as {
      config: { digest: string };
    };
  const { manifests } = JSON.parse(fs.readFileSync(`${at}/index.json`, 'utf8')) as {
    manifests: { digest: string; annotations: Record<string, string> }[];
  };
  const found = manifests.find(one => Object.values(one.annotations).includes(tag));
  return read(read(found?.digest ?? '').config.digest);
}

describe('export', () => {
  beforeAll(async () => {
    layout = directory.join('layout');
    writeImage(layout, { entries: [{ ...named('etc/one'), body: randomBytes(100_000) }] });
    await imported(layout, 'one');
  });

  it('keeps how containers of an imported image run, and its labels, and the image keeps its digest', async () => {
    const at = directory.join('configured');
    const config = {
      created: '2020-02-02T02:02:02.5Z',
      config: {
        ...{
          Env: ['A=b', 'SECRET=x'],
          Entrypoint: ['/entry'],
          Cmd: ['arg'],
          User: '1000:1000',
          WorkingDir: '/srv',
        },
        ...{ ExposedPorts: { '80/tcp': {} }, Volumes: { '/data': {} }, StopSignal: 'SIGINT' },
        Labels: { maker: 'me', changed: 'before' },
        Healthcheck: { Test: ['CMD', 'true'] },
      },
    };
    writeImage(at, { entries: [{ ...named('etc/x'), body: Buffer.from(LONG) }], config });
    const { image } = await imported(at, 'configured');
    const out = directory.join('configured-out');
    await aptLayerMust(sysroot, ['export', 'local://configured', `oci:${out}:a`, '--label', 'changed=after']);
    const inspected = configOf(out, 'a');
    expect(inspected).toMatchObject({
      ...config,
      config: { ...config.config, Labels: { maker: 'me', changed: 'after' } },
    });
    expect((await imported(`${out}:a`, 'configured-again')).image).toBe(image);
    const record = `${sysroot}/state/oci/${image}.json`;
    expect(fs.statSync(record).mode & 0o777).toBe(0o600);
    fs.writeFileSync(record, '{"version":9}');
    const { code, stderr } = await aptLayer(sysroot, ['export', 'local://configured', `oci:${out}:b`]);
    expect(code).not.toBe(0);
    expect(stderr).toContain(record);
    // Records go with their images.
    await aptLayerMust(sysroot, ['import', `oci:${layout}`]);
    expect(fs.existsSync(record)).toBe(true);
  });

  it('has one time in its label and its configuration, and packs the same image once', async () => {
    const out = directory.join('timed');
    const created = '2024-05-06T07:08:09Z';
    const label = ['--label', `org.opencontainers.image.created=${created}`];
    await aptLayerMust(sysroot, ['export', 'local://one', `oci:${out}:first`, ...label]);
    expect(JSON.parse(await must('skopeo', ['inspect', '--config', `oci:${out}:first`]))).toMatchObject({
      created,
      config: { Labels: { 'org.opencontainers.image.created': created } },
    });
    const layers = () =>
      fs.readdirSync(`${out}/blobs/sha256`).map(name => fs.statSync(`${out}/blobs/sha256/${name}`));
    const [largest] = layers().sort((a, b) => b.size - a.size);
    await aptLayerMust(sysroot, ['export', 'local://one', `oci:${out}:second`]);
    expect(layers().map(({ ino }) => ino)).toContain(largest?.ino);
    expect(layers()).toHaveLength(5);
    // One that was damaged meanwhile is written anew.
    const path = fs
      .readdirSync(`${out}/blobs/sha256`)
      .find(name => fs.statSync(`${out}/blobs/sha256/${name}`).ino === largest?.ino);
    flip(`${out}/blobs/sha256/${path}`);
    await aptLayerMust(sysroot, ['export', 'local://one', `oci:${out}:third`]);
    expect(digestOf(fs.readFileSync(`${out}/blobs/sha256/${path}`))).toBe(path);
  });

  it('of several at once into one layout leaves all their names', async () => {
    const out = directory.join('at-once');
    await aptLayerMust(sysroot, ['export', 'local://one', `oci:${out}:t0`]);
    const tags = ['t1', 't2', 't3', 't4', 't5'];
    await Promise.all(tags.map(tag => aptLayerMust(sysroot, ['export', 'local://one', `oci:${out}:${tag}`])));
    const { manifests } = JSON.parse(fs.readFileSync(`${out}/index.json`, 'utf8')) as {
      manifests: { annotations: Record<string, string> }[];
    };
    expect(manifests.flatMap(one => Object.values(one.annotations)).sort()).toEqual(['t0', ...tags]);
  });

  it('removes what killed exports left, and nothing that somebody may be writing', async () => {
    const at = directory.join('left');
    await aptLayerMust(sysroot, ['export', 'local://one', `oci:${at}`]);
    const names = ['blobs/.tmp-1-dead-1', 'blobs/.tmp-1-locked-1', '.tmp-1-old-1', '.tmp-1-fresh-1'];
    for (const name of names) fs.writeFileSync(`${at}/${name}`, 'part');
    const longAgo = Date.now() / 1000 - 2 * 3600;
    fs.utimesSync(`${at}/${names[2]}`, longAgo, longAgo);
    await must('flock', [
      ...[`${at}/${names[1]}`, process.execPath, 'bin/apt-layer', '--sysroot', sysroot],
      ...['export', 'local://one', `oci:${at}:again`],
    ]);
    expect(names.filter(name => fs.existsSync(`${at}/${name}`))).toEqual([names[1], names[3]]);
  });

  it('keeps what it does not know of a layout', async () => {
    const out = directory.join('unknown');
    writeImage(out, { entries: [named('x')] });
    const index = JSON.parse(fs.readFileSync(`${out}/index.json`, 'utf8')) as { manifests: object[] };
    const other = {
      ...index.manifests[0],
      platform: { os: 'linux', architecture: 'arm', variant: 'v7', 'os.version': '1', 'os.features': ['a'] },
      ...{ urls: ['https://example.org'], data: 'e30=', artifactType: 'application/x' },
      annotations: { 'org.opencontainers.image.ref.name': 'other', 'com.example': 'x' },
    };
    const annotations = { 'com.example.index': 'y' };
    fs.writeFileSync(
      `${out}/index.json`,
      JSON.stringify({ schemaVersion: 2, annotations, manifests: [other] }),
    );
    await aptLayerMust(sysroot, ['export', 'local://one', `oci:${out}:ours`]);
    const after = JSON.parse(fs.readFileSync(`${out}/index.json`, 'utf8')) as { manifests: object[] };
    expect(after).toMatchObject({ annotations });
    expect(after.manifests).toHaveLength(2);
    expect(after.manifests[0]).toEqual(other);
  });
});
