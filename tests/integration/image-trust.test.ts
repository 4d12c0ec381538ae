import fs from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AptLayerError } from '../../src/errors/index.ts';
import { parseImageReference, type RegistryReference } from '../../src/formats/reference/index.ts';
import { checkOpen, openImage } from '../../src/registry/index.ts';
import { execute, must } from '../support/command.ts';
import { testHost } from '../support/host.ts';
import { aptLayer, aptLayerMust } from '../support/program.ts';
import { hasSigstore, sigstoreSkopeo } from '../support/sigstore-skopeo.ts';
import {
  ACCEPT,
  cosignKey,
  imagesIn,
  REJECT,
  type SignedImages,
  send,
  signedBy,
  signedImages,
} from '../support/trusted-images.ts';

let world: SignedImages;
const name = (path: string) => `${world.registry.host}/${path}`;
const layersAsked = () => world.registry.requests().filter(one => /^GET .*\/blobs\/sha256:/.test(one)).length;
const insecure = ['--tls-verify', 'false'];
const pull = (sysroot: string, ...args: readonly string[]) =>
  aptLayer(sysroot, [...insecure, '--json', 'pull', ...args], world.home);

beforeAll(async () => {
  world = await signedImages();
});
afterAll(() => world[Symbol.asyncDispose]());

describe('the policy of the machine', () => {
  it('has nothing imported from an image that is not signed as it demands', async () => {
    world.home.setPolicy({ [world.registry.host]: [signedBy(world.good)] });
    world.registry.requests();
    const refusals: [string, string][] = [
      ['team/server:unsigned', 'A signature was required, but no signature exists'],
      // The same image: what was signed is another name.
      ['team/server:2', 'is not accepted'],
    ];
    for (const [image, said] of refusals) {
      const sysroot = world.fresh('sysroot');
      const refused = await pull(sysroot, name(image), '--ref', 'x');
      expect([image, refused.code, refused.stderr]).toEqual([image, 6, expect.stringContaining(said)]);
      expect(refused.stderr).toContain(`(rule docker ${world.registry.host})`);
      // Its configuration, to look at it.
      expect([layersAsked(), imagesIn(sysroot)]).toEqual([1, []]);
      expect(fs.readdirSync(`${sysroot}/state`)).not.toContain('oci');
    }
    world.home.setPolicy({ [world.registry.host]: [signedBy(world.other)] });
    const sysroot = world.fresh('sysroot');
    expect(await pull(sysroot, name('team/server:1'))).toMatchObject({
      code: 6,
      stderr: expect.stringContaining('Source image rejected'),
    });
    expect(imagesIn(sysroot)).toEqual([]);
  });

  it('takes what is signed, and says by whom', async () => {
    world.home.setPolicy({ [name('team')]: [signedBy(world.good)] }, REJECT);
    const sysroot = world.fresh('sysroot');
    const pulled = await pull(sysroot, name('team/server:1'), '--ref', 'server');
    expect(pulled).toMatchObject({ code: 0 });
    expect(pulled.json()).toMatchObject({
      check: {
        identity: name('team/server:1'),
        rule: `docker ${name('team')}`,
        signatures: [{ kind: 'gpg', by: 'policy', keys: [world.good.fingerprint] }],
      },
    });
    const dry = await aptLayerMust(sysroot, [...insecure, '-n', 'pull', name('team/server:1')], world.home);
    expect(dry.stdout).toContain(`Signed by the OpenPGP key ${world.good.fingerprint}\n`);
    expect(
      await aptLayer(sysroot, [...insecure, '-n', 'pull', name('team/server:2')], world.home),
    ).toMatchObject({
      code: 6,
    });
    // Beside what the machine demands, somebody who pulls may: both have to hold.
    expect(await pull(sysroot, name('team/server:1'), '--require-signed', world.other.keyring)).toMatchObject(
      {
        code: 6,
        stderr: expect.stringContaining(
          `is not signed by a key that is demanded (${world.other.fingerprint})`,
        ),
      },
    );
    const keys = ['--require-signed', world.other.keyring, '--require-signed', world.good.keyring];
    expect((await pull(sysroot, name('team/server:1'), ...keys)).json()).toMatchObject({
      check: {
        signatures: [{ by: 'policy' }, { kind: 'gpg', by: 'demand', keys: [world.good.fingerprint] }],
      },
    });
  });

  it('decides by the tag too, though an image is fetched by its digest', async () => {
    world.home.setPolicy({ [name('team')]: [ACCEPT], [name('team/server:2')]: [REJECT] });
    world.registry.requests();
    const sysroot = world.fresh('sysroot');
    expect(await pull(sysroot, name('team/server:2'))).toMatchObject({
      code: 6,
      stderr: expect.stringContaining(
        `rejects it (${world.home.policyFile}, docker ${name('team/server:2')})`,
      ),
    });
    expect([world.registry.requests(), imagesIn(sysroot)]).toEqual([[], []]);
    expect((await pull(sysroot, name('team/server:1'))).code).toBe(0);
  });

  it('counts for layouts and archives, which hold no signatures', async () => {
    const archive = world.work.join('archive.tar');
    await must('skopeo', ['copy', '--quiet', `oci:${world.layout}:image`, `oci-archive:${archive}:image`]);
    const link = world.work.join('link');
    fs.symlinkSync(world.layout, link);
    const cases: [string, object, number][] = [
      [`oci:${world.layout}`, { oci: { [world.layout]: [REJECT] } }, 6],
      [`oci:${link}`, { oci: { [world.work.path]: [signedBy(world.good)] } }, 6],
      [`oci:${world.layout}`, { oci: { [`${world.layout}x`]: [REJECT] } }, 0],
      [`oci-archive:${archive}`, { 'oci-archive': { '': [REJECT] } }, 6],
      [`oci-archive:${archive}`, { oci: { '': [REJECT] } }, 0],
    ];
    for (const [source, transports, code] of cases) {
      fs.writeFileSync(world.home.policyFile, JSON.stringify({ default: [ACCEPT], transports }));
      const sysroot = world.fresh('sysroot');
      const done = await aptLayer(sysroot, ['import', source], world.home);
      expect([source, transports, done.code]).toEqual([source, transports, code]);
      expect(imagesIn(sysroot).length > 0).toBe(code === 0);
    }
  });

  it('is read as strictly as skopeo reads it', async () => {
    const cases: [string, number, RegExp][] = [
      [
        '{"default": [{"type": "reject"}], "default": [{"type": "insecureAcceptAnything"}]}',
        3,
        /stands there twice/,
      ],
      ['{"default": [{"type": "insecureAcceptAnything"}], "transport": {}}', 3, /"transport" is not known/],
      ['{"default": []}', 3, /not empty/],
      ['{"default": [{"type": "signedByAnyone"}]}', 4, /this skopeo \(\d+\.\d+.*\) cannot check/],
    ];
    for (const [text, code, said] of cases) {
      fs.writeFileSync(world.home.policyFile, text);
      const refused = await pull(world.fresh('sysroot'), name('team/server:1'));
      expect([text, refused.code, refused.stderr]).toEqual([text, code, expect.stringMatching(said)]);
      const theirs = await execute('skopeo', [
        ...['--policy', world.home.policyFile, 'copy', '--src-tls-verify=false'],
        ...[`docker://${name('team/server:1')}`, `dir:${world.work.join('theirs')}`],
      ]);
      expect([text, theirs.code]).not.toEqual([text, 0]);
    }
  });
});

describe('beside skopeo', () => {
  /** What skopeo itself makes of an image by its tag. */
  const theirs = async (reference: string, policy: object) => {
    fs.writeFileSync(world.work.join('policy.json'), JSON.stringify(policy));
    const to = world.fresh('theirs');
    const { code, stderr } = await execute('skopeo', [
      ...[
        '--policy',
        world.work.join('policy.json'),
        '--registries.d',
        world.home.settings,
        'copy',
        '--quiet',
      ],
      ...['--src-tls-verify=false', '--remove-signatures', `docker://${reference}`, `dir:${to}`],
    ]);
    if (code !== 0 && !stderr.includes('rejected')) throw new Error(stderr);
    return code === 0;
  };
  /** And this program, which fetches by the digest. */
  const ours = async (reference: string, policy: object) => {
    fs.writeFileSync(world.work.join('policy.json'), JSON.stringify(policy));
    const plain = testHost();
    const registries = {
      ...{ ...plain.registries, tlsVerify: false, policyFiles: [world.work.join('policy.json')] },
      signatureDirectories: [world.home.settings],
      environment: { HOME: world.work.join('home') },
    };
    const host = { ...plain, registries };
    const asked = parseImageReference(`oci://${reference}`) as RegistryReference;
    const stage = world.fresh('ours');
    const outcome = await openImage(host, { reference: asked, stage })
      .then(open => checkOpen(host, open))
      .then(
        () => 'taken',
        (error: unknown) => (error instanceof AptLayerError ? error.code : String(error)),
      );
    expect(outcome).toMatch(/^(?:taken|SIGNATURE)$/);
    return outcome === 'taken';
  };

  it('finds the rule that skopeo finds', async () => {
    const reference = name('team/server:1');
    const scopes = [
      ...[
        reference,
        name('team/server'),
        name('team'),
        world.registry.host,
        '',
        name('team/serv'),
        name('server'),
      ],
      ...['127.0.0.1', '*.0.0.1', '*.0.1', '*.1', '*.127.0.0.1', '*', 'team/server'],
    ];
    const verdicts = [];
    for (const scope of scopes) {
      const policy = { default: [ACCEPT], transports: { docker: { [scope]: [REJECT] } } };
      const both = [await theirs(reference, policy), await ours(reference, policy)];
      verdicts.push([scope, ...both]);
    }
    expect(verdicts.filter(([, one, two]) => one !== two)).toEqual([]);
    expect(verdicts.filter(([, one]) => one === false)).toHaveLength(8);
    // The narrowest decides alone.
    const narrow = {
      default: [REJECT],
      transports: { docker: { '*.1': [REJECT], [name('team')]: [ACCEPT] } },
    };
    expect([await theirs(reference, narrow), await ours(reference, narrow)]).toEqual([true, true]);
  });

  it('takes the names in signatures that skopeo takes', async () => {
    const digest = await must('skopeo', [
      ...['inspect', '--tls-verify=false', '--format', '{{.Digest}}', `docker://${name('team/server:1')}`],
    ]);
    const identities = [
      undefined,
      { type: 'matchExact' },
      { type: 'matchRepoDigestOrExact' },
      { type: 'matchRepository' },
      { type: 'exactReference', dockerReference: name('team/server:1') },
      { type: 'exactRepository', dockerRepository: name('team/server') },
      { type: 'remapIdentity', prefix: name('team'), signedPrefix: name('team') },
      { type: 'remapIdentity', prefix: name('tea'), signedPrefix: 'example.org/tea' },
      { type: 'remapIdentity', prefix: name('team'), signedPrefix: 'example.org/team' },
    ];
    const verdicts = [];
    // The tag that was signed, and the digest, only where they may say something else.
    for (const [index, identity] of identities.entries())
      for (const suffix of [
        ':2',
        ...(index < 2 ? [`@${digest.trim()}`] : []),
        ...(index > 5 ? [':1'] : []),
      ]) {
        const policy = { default: [signedBy(world.good, identity)] };
        const reference = name(`team/server${suffix}`);
        verdicts.push([
          JSON.stringify(identity),
          suffix,
          await theirs(reference, policy),
          await ours(reference, policy),
        ]);
      }
    expect(verdicts.filter(([, , one, two]) => one !== two)).toEqual([]);
    const taken = verdicts.filter(([, , one]) => one === true).length;
    expect([taken > 4, taken < verdicts.length - 4]).toEqual([true, true]);
  });
});

describe('signatures of sigstore', () => {
  const key = cosignKey();

  it.skipIf(hasSigstore())('cannot be checked by a skopeo that was built without them', async () => {
    // The reason to skip: this machine's skopeo knows them.
    await attached();
    world.home.setPolicy({}, ACCEPT);
    const sysroot = world.fresh('sysroot');
    expect(
      await pull(sysroot, name('team/cosigned:1'), '--require-signed', world.work.join('cosign.pub')),
    ).toMatchObject({
      code: 4,
      stderr: expect.stringMatching(/this skopeo \(1\.\d+\.\d+.*\) knows no signatures of sigstore/),
    });
    expect(imagesIn(sysroot)).toEqual([]);
  });

  it('are made by push, and checked by pull, with no setting of the machine for it', async () => {
    const skopeo = await sigstoreSkopeo();
    const passphrase = world.work.join('passphrase');
    fs.writeFileSync(passphrase, 'some words');
    const prefix = world.work.join('key');
    await must(skopeo ?? 'skopeo', [
      ...['generate-sigstore-key', '--output-prefix', prefix, '--passphrase-file', passphrase],
    ]);
    const sysroot = world.fresh('sysroot');
    await aptLayerMust(sysroot, ['import', `oci:${world.layout}`, '--ref', 'own']);
    // What the machine takes from others says nothing of what it sends.
    world.home.setPolicy({ [name('fleet')]: [ACCEPT] }, REJECT);
    const push = (...options: string[]) =>
      aptLayer(sysroot, [...insecure, '--json', 'push', 'local://own', name('fleet/server:1'), ...options], {
        ...world.home,
        skopeo,
      });
    fs.writeFileSync(world.work.join('wrong'), 'other words');
    const signing = ['--sign-by-sigstore-key', `${prefix}.private`, '--sign-passphrase-file'];
    world.registry.requests();
    const failed = await push(...signing, world.work.join('wrong'));
    expect(world.registry.requests().filter(one => !/^(?:GET|HEAD) /.test(one))).toEqual([]);
    expect(failed.code).not.toBe(0);
    const done = await push(...signing, passphrase);
    expect([done.code, done.stderr]).toEqual([0, expect.anything()]);
    expect(done.json()).toMatchObject({ signed: true });

    const take = (into: string, ...keys: string[]) =>
      aptLayer(
        into,
        [
          ...insecure,
          '--json',
          'pull',
          name('fleet/server:1'),
          ...keys.flatMap(one => ['--require-signed', one]),
        ],
        { ...world.home, skopeo },
      );
    fs.writeFileSync(world.work.join('cosign.pub'), key.publicKey);
    const refused = world.fresh('sysroot');
    expect(await take(refused, world.work.join('cosign.pub'), world.good.keyring)).toMatchObject({ code: 6 });
    expect(imagesIn(refused)).toEqual([]);
    const taken = await take(world.fresh('sysroot'), world.work.join('cosign.pub'), `${prefix}.pub`);
    expect(taken.json()).toMatchObject({
      check: { signatures: [{ kind: 'sigstore', by: 'demand', keys: [expect.stringMatching(/^sha256:/)] }] },
    });
    // By a rule of the machine, which has to say that signatures are in the registry.
    const rule = { type: 'sigstoreSigned', keyPath: `${prefix}.pub` };
    world.home.setPolicy({ [name('fleet')]: [rule] }, REJECT);
    expect(await take(world.fresh('sysroot'))).toMatchObject({
      code: 6,
      stdout: expect.stringContaining('use-sigstore-attachments: true'),
    });
    const attachments = { docker: { [name('fleet')]: { 'use-sigstore-attachments': true } } };
    fs.writeFileSync(`${world.home.settings}/fleet.yaml`, JSON.stringify(attachments));
    expect((await take(world.fresh('sysroot'))).json()).toMatchObject({
      check: { rule: `docker ${name('fleet')}`, signatures: [{ kind: 'sigstore', by: 'policy' }] },
    });
  });

  it('are taken as cosign makes them', async () => {
    await attached();
    world.home.setPolicy({}, ACCEPT);
    const skopeo = await sigstoreSkopeo();
    const pulled = await aptLayer(
      world.fresh('sysroot'),
      [
        ...insecure,
        '--json',
        'pull',
        name('team/cosigned:1'),
        '--require-signed',
        world.work.join('cosign.pub'),
      ],
      { ...world.home, skopeo },
    );
    expect(pulled.json()).toMatchObject({
      check: { signatures: [{ kind: 'sigstore', by: 'demand', keys: [key.fingerprint] }] },
    });
  });

  async function attached(): Promise<void> {
    fs.writeFileSync(world.work.join('cosign.pub'), key.publicKey);
    await send(world.home, { layout: world.layout, to: name('team/cosigned:1') });
    const digest = await must('skopeo', [
      ...['inspect', '--tls-verify=false', '--format', '{{.Digest}}', `docker://${name('team/cosigned:1')}`],
    ]);
    await key.attach(world.registry, 'team/cosigned', digest.trim());
  }
});
