import fs from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Archive, archive } from '../support/archive.ts';
import { must } from '../support/command.ts';
import { aptLayer, aptLayerMust } from '../support/program.ts';
import { type Registry, startRegistry } from '../support/registry.ts';
import { signingKey } from '../support/signing-key.ts';
import { type LocalSystem, localSystem, repositories, stateOf } from '../support/system.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { ACCEPT, send as sendSigned, trustHome } from '../support/trusted-images.ts';

let repository: Archive;
let system: LocalSystem;
let registry: Registry;
/** `HOST/server`. */
let name: string;
let layout: string;

const access = ['--tls-verify', 'false'];
const send = (tag: string) =>
  must('skopeo', [
    'copy',
    '--quiet',
    '--dest-tls-verify=false',
    `oci:${layout}:image`,
    `docker://${name}:${tag}`,
  ]);
const spec = (file: string, more = '') =>
  system.spec(file, `name: server\nbase-image: oci://${name}:stable\n${repositories(repository)}${more}`);
/** The digest of what the tag means. */
const meant = async () =>
  (
    await must('skopeo', [
      'inspect',
      '--tls-verify=false',
      '--format',
      '{{.Digest}}',
      `docker://${name}:stable`,
    ])
  ).trim();
const layersAsked = () => registry.requests().filter(one => /^GET .*\/blobs\/sha256:/.test(one)).length;

interface Status {
  readonly deployments: readonly {
    readonly id: string;
    readonly checksum: string;
    readonly packages: readonly string[];
    readonly 'base-checksum': string;
  }[];
}
const first = async (sysroot: string) => {
  const { deployments } = (await aptLayerMust(sysroot, ['status', '--json'])).json() as Status;
  return deployments[0];
};

/** Adds a package to the image of the layout, by a layer of its own, as a Containerfile would. */
async function addPackage(packageName: string): Promise<void> {
  const status = system.directory.join('status');
  fs.copyFileSync(`${system.root}/var/lib/dpkg/status`, status);
  const fields = [
    'Status: install ok installed',
    'Version: 1',
    'Architecture: all',
    'Maintainer: x <x@example.org>',
    'Description: x',
  ];
  fs.appendFileSync(status, `Package: ${packageName}\n${fields.join('\n')}\n\n`);
  fs.writeFileSync(system.directory.join('list'), '/.\n');
  const insert = (from: string, to: string) =>
    must('umoci', ['insert', '--image', `${layout}:image`, from, to]);
  await insert(status, '/var/lib/dpkg/status');
  await insert(system.directory.join('list'), `/var/lib/dpkg/info/${packageName}.list`);
}

beforeAll(async () => {
  [repository, registry] = await Promise.all([
    archive([{ name: 'app', version: '1', files: { '/usr/share/app': 'app 1' } }]),
    startRegistry(),
  ]);
  system = await localSystem(repository);
  name = `${registry.host}/server`;
  layout = system.directory.join('layout');
  await aptLayerMust(system.pristine, ['export', 'local://min', `oci:${layout}:image`, '--chunked', 'no']);
  await send('stable');
});
afterAll(async () => {
  await registry?.[Symbol.asyncDispose]();
  await system?.[Symbol.asyncDispose]();
  await repository?.[Symbol.asyncDispose]();
});

describe('a system on an image of a registry', () => {
  let sysroot: string;
  let one: string;

  it('is built on it, and the lock has its digest', async () => {
    sysroot = system.directory.join('sysroot');
    one = spec('one', 'layers: [app]\n');
    registry.requests();
    await aptLayerMust(sysroot, [...access, 'compose', 'tree', one]);
    expect(layersAsked()).toBe(3);
    const deployment = await first(sysroot);
    // What is in the registry is what was sent.
    const sent = (await aptLayerMust(system.pristine, ['image', 'ls', '--json'])).stdout;
    expect(sent).toContain(deployment?.['base-checksum']);
    const { manifest } = lockOf(sysroot, deployment?.id).base;
    expect(await meant()).toBe(manifest);
  });

  it('needs no registry for a change, and no fetching for a second build', async () => {
    registry.requests();
    await aptLayerMust(sysroot, ['unlayer', 'app']);
    await aptLayerMust(sysroot, ['layer', 'app']);
    expect(registry.requests()).toEqual([]);
    await aptLayerMust(sysroot, ['cleanup', '--keep', '1']);
    await aptLayerMust(sysroot, [...access, 'compose', 'tree', spec('two')]);
    // Its configuration, to look at it.
    expect(layersAsked()).toBe(1);
    await aptLayerMust(sysroot, ['rollback']);
  });

  it('is upgraded to what the tag means now, for the price of the layers that are new', async () => {
    const before = await first(sysroot);
    const unchanged = await aptLayer(sysroot, [...access, 'upgrade', '--check', '--unchanged-exit-77']);
    expect([unchanged.code, unchanged.stdout]).toEqual([77, 'No upgrade is available.\n']);

    await addPackage('brought-by-base');
    await send('stable');
    registry.requests();
    const check = await aptLayerMust(sysroot, [...access, 'upgrade', '--check']);
    expect(check.stdout).toMatch(
      /Base: oci:\/\/\S+:stable is sha256:[0-9a-f]{64} now \(3 layers, [\d.]+ k?B to fetch\)/,
    );
    expect(registry.requests().filter(request => request.includes('/blobs/'))).toHaveLength(1);
    expect((await first(sysroot))?.id).toBe(before?.id);

    const done = await aptLayerMust(sysroot, [...access, 'upgrade']);
    expect(done.stdout).toMatch(/compared with those of the one before:\n {2}added \(1\): brought-by-base 1/);
    // Manifest and configuration, and two layers of one file each.
    expect(layersAsked()).toBe(4);
    const after = await first(sysroot);
    expect(after?.['base-checksum']).not.toBe(before?.['base-checksum']);
    expect(after?.packages).toEqual(['app_1_all']);
  });

  it('is built again from its lock, though the tag has moved on, in an empty store too', async () => {
    const file = spec('locked', 'layers: [app]\n');
    await aptLayerMust(sysroot, [...access, 'compose', 'lock', file]);
    const built = await aptLayerMust(sysroot, [...access, 'compose', 'tree', file, '--json', '--no-deploy']);
    await addPackage('later');
    await send('stable');
    const empty = system.directory.join('empty');
    const again = await aptLayerMust(empty, [
      ...access,
      'compose',
      'tree',
      file,
      '--locked',
      '--json',
      '--no-deploy',
    ]);
    const image = (result: typeof built) => (result.json() as { image: string }).image;
    expect(image(again)).toBe(image(built));
    await fs.promises.rm(file.replace(/\.yaml$/, '.lock.json'), { force: true });
  });

  it('is the same image in two empty stores, each of which builds it twice', async () => {
    const file = spec('twice', 'layers: [app]\n');
    const builds: string[] = [];
    for (const store of ['first', 'second']) {
      const args = ['compose', 'tree', file, '--check', '--json'];
      const done = await aptLayerMust(system.directory.join(store), [...access, ...args]);
      const { reproducible, images } = done.json() as { reproducible: boolean; images: string[] };
      expect(reproducible).toBe(true);
      builds.push(...images);
    }
    expect([builds.length, new Set(builds).size]).toEqual([4, 1]);
  });

  it('stays with a digest, and goes to another base by `rebase`, with what is layered', async () => {
    const digest = await meant();
    const plan = await aptLayerMust(sysroot, [...access, 'rebase', `oci://${name}@${digest}`]);
    expect(plan.stdout).toMatch(/later 1/);
    const deployment = await first(sysroot);
    expect(deployment?.packages).toEqual(['app_1_all']);
    await addPackage('even-later');
    await send('stable');
    const result = await aptLayer(sysroot, [...access, 'upgrade', '--unchanged-exit-77']);
    expect([result.code, (await first(sysroot))?.id]).toEqual([77, deployment?.id]);
  });

  it('demands the signature that its spec demands of what is layered on it, too', async () => {
    const own = system.directory.join('own');
    await using key = await signingKey();
    await using signed = temporaryDirectory('signed');
    const home = trustHome(signed.path, registry.host);
    home.setPolicy({}, ACCEPT);
    await sendSigned(home, { layout, to: `${name}:signed`, key });
    fs.copyFileSync(key.keyring, signed.join('key.gpg'));
    const images = `security: {images: {require: signed, keys: [${signed.join('key.gpg')}]}}\n`;
    const file = system.spec(
      'demand',
      `name: server\nbase-image: oci://${name}:signed\n${repositories(repository)}${images}`,
    );
    await aptLayerMust(own, [...access, 'compose', 'tree', file], home);
    fs.rmSync(signed.join('key.gpg'));
    registry.requests();
    await aptLayerMust(own, ['layer', 'app']);
    expect(registry.requests()).toEqual([]);
    const layered = await first(own);
    const check = { signatures: [{ kind: 'gpg', by: 'demand', keys: [key.fingerprint] }] };
    expect(layered).toMatchObject({ packages: ['app_1_all'], 'base-check': check });
    const explained = await aptLayerMust(own, ['compose', 'explain', 'dpkg']);
    expect(explained.stdout).toContain(`${name}:signed, signed by the OpenPGP key ${key.fingerprint}.\n`);

    await addPackage('unsigned');
    await sendSigned(home, { layout, to: `${name}:signed` });
    await sendSigned(home, { layout, to: `${name}:unsigned` });
    const before = stateOf(own);
    for (const args of [['upgrade'], ['rebase', `oci://${name}:unsigned`]])
      expect([args, (await aptLayer(own, [...access, ...args], home)).code]).toEqual([args, 6]);
    expect(stateOf(own)).toBe(before);
  });

  it('is refused where the image is for other machines or no Debian, and nothing is left of it', async () => {
    const before = await first(sysroot);
    await must('umoci', ['config', '--image', `${layout}:image`, '--architecture', 'riscv64']);
    await send('foreign');
    expect(await aptLayer(sysroot, [...access, 'rebase', `oci://${name}:foreign`])).toMatchObject({
      code: 4,
      stderr: expect.stringMatching(/is for linux\/riscv64, not linux\//),
    });
    const other = system.directory.join('other');
    await must('umoci', ['init', '--layout', other]);
    await must('umoci', ['new', '--image', `${other}:image`]);
    await must('umoci', ['insert', '--image', `${other}:image`, one, '/etc/some-file']);
    await must('skopeo', [
      'copy',
      '--quiet',
      '--dest-tls-verify=false',
      `oci:${other}:image`,
      `docker://${name}:other`,
    ]);
    const refused = await aptLayer(sysroot, [...access, 'rebase', `oci://${name}:other`]);
    expect([refused.code, refused.stderr]).toEqual([
      5,
      expect.stringMatching(/packages cannot be layered on oci:\/\/\S+:other: it is no Debian/),
    ]);
    expect((await first(sysroot))?.id).toBe(before?.id);
  });
});

interface Lock {
  readonly base: { readonly manifest: string };
}
function lockOf(sysroot: string, id: string | undefined): Lock {
  return JSON.parse(fs.readFileSync(`${sysroot}/state/deploy/${id}/lock.json`, 'utf8')) as Lock;
}
