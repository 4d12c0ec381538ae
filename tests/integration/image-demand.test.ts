import fs from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aptLayer, aptLayerMust } from '../support/program.ts';
import { stateOf } from '../support/system.ts';
import {
  ACCEPT,
  cosignKey,
  imagesIn,
  makeLayout,
  type SignedImages,
  send,
  signedBy,
  signedImages,
} from '../support/trusted-images.ts';

let world: SignedImages;
const name = (path: string) => `${world.registry.host}/${path}`;
const layersAsked = () => world.registry.requests().filter(one => /^GET .*\/blobs\/sha256:/.test(one)).length;
const insecure = ['--tls-verify', 'false'];

beforeAll(async () => {
  world = await signedImages();
});
afterAll(() => world[Symbol.asyncDispose]());

describe('a spec that demands signatures', () => {
  let sysroot: string;
  const deployments = async (at = sysroot) =>
    (
      (await aptLayerMust(at, ['status', '--json'])).json() as {
        deployments: { id: string; 'base-check': unknown; 'container-image-reference-digest': unknown }[];
      }
    ).deployments;
  const spec = (file: string, base: string, keys: readonly string[]) => {
    const path = world.work.join(`${file}.yaml`);
    const list = keys.map(
      key => `      - ${key.includes('\n') ? `|\n${key.replaceAll(/^/gm, '          ')}` : key}\n`,
    );
    const security = `security:\n  images:\n    require: signed\n    keys:\n${list.join('')}`;
    fs.writeFileSync(path, `name: server\nbase-image: ${base}\n${keys.length > 0 ? security : ''}`);
    return path;
  };
  const run = (...args: readonly string[]) => aptLayer(sysroot, [...insecure, ...args], world.home);
  /** Each refusal leaves everything as it was. */
  const refused = async (said: RegExp, ...args: readonly string[]) => {
    const before = [stateOf(sysroot), imagesIn(sysroot).sort()];
    const result = await run(...args);
    expect([args, result.code, result.stderr]).toEqual([args, 6, expect.stringMatching(said)]);
    expect([stateOf(sysroot), imagesIn(sysroot).sort()]).toEqual(before);
    const transactions = `${sysroot}/state/transactions`;
    expect(fs.readdirSync(transactions).filter(one => fs.existsSync(`${transactions}/${one}/work`))).toEqual(
      [],
    );
  };

  it('is built on an image that one of its keys signed, and on no other', async () => {
    sysroot = world.fresh('sysroot');
    world.home.setPolicy({}, ACCEPT);
    fs.copyFileSync(world.good.keyring, world.work.join('good.gpg'));
    const signed = `oci://${name('team/server:1')}`;
    const file = spec('signed', signed, [cosignKey().publicKey.trim(), './good.gpg']);
    expect(await run('compose', 'tree', file)).toMatchObject({ code: 0 });
    const check = {
      identity: name('team/server:1'),
      rule: 'default',
      signatures: [{ kind: 'gpg', by: 'demand', keys: [world.good.fingerprint] }],
    };
    const [deployment] = await deployments();
    expect(deployment).toMatchObject({ 'base-check': check });
    const lock = JSON.parse(
      fs.readFileSync(`${sysroot}/state/deploy/${deployment?.id}/lock.json`, 'utf8'),
    ) as {
      base: { check: unknown; manifest: unknown };
    };
    expect(lock.base).toMatchObject({ check, manifest: deployment?.['container-image-reference-digest'] });
    const status = await run('status');
    expect(status.stdout).toContain(`SignedBy: the OpenPGP key ${world.good.fingerprint}\n`);
    // Kept with the deployment.
    fs.rmSync(world.work.join('good.gpg'));

    await refused(
      /not signed by a key/,
      'compose',
      'tree',
      spec('wrong', signed, [world.other.armored.trim()]),
    );
    const none = `oci://${name('team/server:unsigned')}`;
    await refused(/no signature exists/, 'compose', 'tree', spec('unsigned', none, [world.good.keyring]));
    await refused(
      /where this image is none can be/,
      'compose',
      'tree',
      spec('dir', `oci:${world.layout}`, [world.good.keyring]),
    );
    const invalid = spec('private', signed, ['-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----']);
    expect(await run('compose', 'tree', invalid)).toMatchObject({ code: 3 });
    fs.writeFileSync(world.work.join('text'), 'no key');
    const noKey = spec('no-key', signed, ['./text']);
    expect(await run('compose', 'tree', noKey)).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('text is no keyring'),
    });
  });

  it('says so of what becomes of it by other verbs', async () => {
    const [before] = await deployments();
    const to = `oci://${name('team/server:unsigned')}`;
    await refused(/is not signed by a key that is demanded/, 'rebase', to);
    await refused(/is not signed by a key that is demanded/, 'rebase', '--dry-run', to);
    await refused(/where this image is none can be/, 'rebase', `oci:${world.layout}`);

    // The tag means an image now that nobody has signed.
    await send(world.home, { layout: world.unsigned, to: name('team/server:1') });
    await refused(/is not signed by a key that is demanded/, 'upgrade');
    await refused(/is not signed by a key that is demanded/, 'upgrade', '--check');
    world.registry.requests();
    expect((await run('kargs', '--append=quiet')).code).toBe(0);
    expect(world.registry.requests()).toEqual([]);
    await send(world.home, { layout: world.unsigned, to: name('team/server:1'), key: world.other });
    await refused(/is not signed by a key that is demanded/, 'upgrade');
    await send(world.home, { layout: world.unsigned, to: name('team/server:1'), key: world.good });
    expect((await run('upgrade')).code).toBe(0);
    const [after] = await deployments();
    expect(after?.['container-image-reference-digest']).not.toBe(
      before?.['container-image-reference-digest'],
    );
    expect(after).toMatchObject({ 'base-check': { signatures: [{ keys: [world.good.fingerprint] }] } });
    // The policy of the machine has to take it, too.
    world.home.setPolicy({ [world.registry.host]: [signedBy(world.other)] });
    await send(world.home, { layout: world.layout, to: name('team/server:1'), key: world.good });
    await refused(/as the policy of this machine demands/, 'upgrade');
    world.home.setPolicy({}, ACCEPT);
  });

  it('takes an image of the store that was found signed when it came, and no other', async () => {
    const third = await makeLayout(world.work, 'third');
    await send(world.home, { layout: third, to: name('team/server:1'), key: world.good });
    expect((await run('pull', name('team/server:1'), '--ref', 'plain')).code).toBe(0);
    await refused(
      /of local:\/\/plain it is not known that one of its keys signed it/,
      'rebase',
      'local://plain',
    );
    const keys = ['--require-signed', world.other.keyring, '--require-signed', world.good.keyring];
    expect((await run('pull', name('team/server:1'), '--ref', 'found', ...keys)).code).toBe(0);
    world.registry.requests();
    expect(await run('rebase', 'local://found')).toMatchObject({ code: 0 });
    expect(world.registry.requests()).toEqual([]);
    expect((await deployments())[0]).toMatchObject({
      'base-check': { signatures: [{ keys: [world.good.fingerprint] }] },
    });
    // What was found signed is not forgotten where nobody asks any more.
    expect((await run('pull', name('team/server:1'))).code).toBe(0);
    expect((await run('kargs', '--append=debug')).code).toBe(0);
    // One that was made here nobody signed.
    expect(
      (
        await run(
          'compose',
          'tree',
          spec('own', `oci://${name('team/server:1')}`, [world.good.keyring]),
          '--ref',
          'own',
        )
      ).code,
    ).toBe(0);
    await refused(/of local:\/\/own it is not known/, 'rebase', 'local://own');
  });

  it('asks for what a lock has, also where the store has it unchecked, and not with --offline', async () => {
    const at = world.fresh('sysroot');
    const plain = spec('later', `oci://${name('team/server:1')}`, []);
    await aptLayerMust(at, [...insecure, 'compose', 'lock', plain], world.home);
    await aptLayerMust(at, [...insecure, 'compose', 'tree', plain], world.home);
    spec('later', `oci://${name('team/server:1')}`, [world.good.keyring]);
    world.registry.requests();
    const offline = await aptLayer(at, ['--offline', 'compose', 'tree', plain], world.home);
    expect([offline.code, world.registry.requests()]).toEqual([6, []]);
    expect(offline.stderr).toMatch(/not known that it has one/);
    await aptLayerMust(at, [...insecure, 'compose', 'tree', plain, '--locked'], world.home);
    expect(layersAsked()).toBe(2);
    expect((await deployments(at))[0]).toMatchObject({ 'base-check': { signatures: [{ by: 'demand' }] } });
  });
});
