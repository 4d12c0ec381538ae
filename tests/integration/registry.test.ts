import fs from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { must } from '../support/command.ts';
import { aptLayer, aptLayerMust } from '../support/program.ts';
import { PASSWORD, type Registry, startRegistry, USER } from '../support/registry.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary.ts';

let work: TemporaryDirectory;
let plain: Registry;
let closed: Registry;
let sysroot: string;

beforeAll(async () => {
  work = temporaryDirectory('registry-test');
  sysroot = work.join('sysroot');
  [plain, closed] = await Promise.all([startRegistry(), startRegistry({ tls: true, password: true })]);
});
afterAll(async () => {
  await Promise.all([plain, closed].map(one => one?.[Symbol.asyncDispose]()));
  await work[Symbol.asyncDispose]();
});

interface Pulled {
  readonly image: string;
  readonly manifest: string;
  readonly layers: { readonly all: number; readonly imported: number };
}

/** An image of several layers, each with a file of that content, in a layout. */
async function layout(name: string, layers: Readonly<Record<string, string>>): Promise<string> {
  const at = work.join(name);
  await must('umoci', ['init', '--layout', at]);
  await must('umoci', ['new', '--image', `${at}:image`]);
  for (const [path, content] of Object.entries(layers)) {
    const root = work.join(`${name}-root`);
    fs.mkdirSync(`${root}/etc`, { recursive: true });
    fs.writeFileSync(`${root}/etc/${path}`, content);
    fs.utimesSync(`${root}/etc/${path}`, 1_700_000_000, 1_700_000_000);
    fs.utimesSync(`${root}/etc`, 1_700_000_000, 1_700_000_000);
    await must('umoci', ['insert', '--image', `${at}:image`, `${root}/etc/${path}`, `/etc/${path}`]);
    fs.rmSync(root, { recursive: true });
  }
  return at;
}

const insecure = ['--tls-verify', 'false', '--json'];
const push = (at: string, to: string) =>
  must('skopeo', ['copy', '--quiet', '--dest-tls-verify=false', `oci:${at}:image`, `docker://${to}`]);
const pull = async (name: string, ...options: string[]) =>
  (await aptLayerMust(sysroot, [...insecure, 'pull', name, ...options])).json() as Pulled;
const blobsAsked = (registry: Registry) =>
  registry.requests().filter(one => /^GET .*\/blobs\/sha256:/.test(one));

describe('an image in a registry', () => {
  it('is fetched once, and of its next version the layer that is new', async () => {
    const first = await layout('first', { a: 'one', b: 'two' });
    await push(first, `${plain.host}/server:1`);
    plain.requests();
    const one = await pull(`${plain.host}/server:1`, '--ref', 'one');
    expect(one.layers).toEqual({ all: 2, imported: 2 });
    // Its configuration twice: to look at it, and as a blob.
    expect(blobsAsked(plain)).toHaveLength(4);
    expect((await aptLayerMust(sysroot, ['import', `oci:${first}`, '--json'])).json()).toMatchObject({
      image: one.image,
    });
    expect((await pull(`${plain.host}/server:1`)).image).toBe(one.image);
    expect(blobsAsked(plain)).toHaveLength(2);

    await must('umoci', ['insert', '--image', `${first}:image`, work.join('first/index.json'), '/etc/c']);
    await push(first, `${plain.host}/server:1`);
    plain.requests();
    // Layers of an image that has a name stay.
    await aptLayerMust(sysroot, ['cleanup']);
    const next = await pull(`${plain.host}/server:1`, '--ref', 'two');
    expect(next.layers).toEqual({ all: 3, imported: 1 });
    expect(blobsAsked(plain)).toHaveLength(3);
    expect((await aptLayerMust(sysroot, ['image', 'checkout', 'two', work.join('out')])).code).toBe(0);
    expect(fs.readFileSync(work.join('out/etc/a'), 'utf8')).toBe('one');
    expect(fs.existsSync(work.join('out/etc/c'))).toBe(true);
    // A digest means what it meant.
    expect((await pull(`${plain.host}/server@${one.manifest}`)).image).toBe(one.image);
  });

  it('is looked at without being fetched', async () => {
    plain.requests();
    const seen = (await aptLayerMust(sysroot, [...insecure, '-n', 'pull', `${plain.host}/server:1`])).json();
    expect(seen).toMatchObject({ image: null, layers: { all: 3, imported: 0 } });
    expect(blobsAsked(plain)).toHaveLength(1);
  });

  it('comes from an archive, from podman, and as docker writes it', async () => {
    const at = await layout('archives', { x: 'same' });
    const { image } = (await aptLayerMust(sysroot, ['import', `oci:${at}`, '--json'])).json() as Pulled;
    await must('skopeo', ['copy', '--quiet', `oci:${at}:image`, `oci-archive:${work.join('a.tar')}:x`]);
    await must('skopeo', ['copy', '--quiet', `oci:${at}:image`, `docker-archive:${work.join('d.tar')}:x:1`]);
    await must('skopeo', [
      ...['copy', '--quiet', '--format', 'v2s2', '--dest-tls-verify=false'],
      ...[`oci:${at}:image`, `docker://${plain.host}/schema2:1`],
    ]);
    for (const source of [
      `oci-archive:${work.join('a.tar')}`,
      `docker-archive:${work.join('d.tar')}`,
      `oci://${plain.host}/schema2:1`,
      `docker://${plain.host}/schema2:1`,
    ]) {
      const found = (await aptLayerMust(sysroot, [...insecure, 'import', source])).json() as Pulled;
      expect([source, found.image]).toEqual([source, image]);
    }
  });

  it('needs a certificate that is trusted, and a name and password where they are asked for', async () => {
    const at = await layout('closed', { secret: 'x' });
    const name = `${closed.host}/private/server:1`;
    const auth = work.join('auth/auth.json');
    const trusted = { env: { SSL_CERT_FILE: closed.certificate } };
    expect(await aptLayer(sysroot, ['pull', name])).toMatchObject({
      code: 7,
      stderr: expect.stringContaining('the certificate of the registry is not trusted'),
    });
    expect(await aptLayer(sysroot, ['pull', name], trusted)).toMatchObject({
      code: 7,
      stderr: expect.stringMatching(/asks for a name and a password[\s\S]*apt-layer login/),
    });
    const login = ['--authfile', auth, 'login', closed.host, '-u', USER, '--password-stdin'];
    expect(await aptLayer(sysroot, login, { ...trusted, stdin: 'wrong' })).toMatchObject({
      code: 7,
      stderr: expect.stringContaining('takes no such name and password'),
    });
    const done = await aptLayerMust(sysroot, login, { ...trusted, stdin: PASSWORD });
    expect(done.stdout).toContain(auth);
    expect(fs.statSync(auth).mode & 0o777).toBe(0o600);

    const { image } = (
      await aptLayerMust(sysroot, ['import', `oci:${at}`, '--ref', 'closed', '--json'])
    ).json() as Pulled;
    const sent = await aptLayerMust(sysroot, ['--authfile', auth, 'push', 'local://closed', name], trusted);
    expect(sent.stdout).toMatch(
      new RegExp(
        `^${image.slice(0, 12)} is oci://${name}@sha256:[0-9a-f]{64}\\n1 layer, 1 of them new with .+\\n$`,
      ),
    );
    const back = await aptLayerMust(sysroot, ['--json', '--authfile', auth, 'pull', name], trusted);
    expect(back.json()).toMatchObject({ image });
    // In no log, and in no word of any process of ours.
    const kept = await must('grep', ['-rlF', PASSWORD, `${sysroot}/state`]).then(String, () => 'none');
    expect(kept).toBe('none');

    await aptLayerMust(sysroot, ['--authfile', auth, 'logout', closed.host], trusted);
    expect((await aptLayer(sysroot, ['--authfile', auth, 'pull', name], trusted)).code).toBe(7);
  });

  it('is not fetched where registries.conf blocks it, and by another way where it names one', async () => {
    const conf = work.join('home/.config/containers/registries.conf');
    fs.mkdirSync(work.join('home/.config/containers'), { recursive: true });
    const withConf = { env: { HOME: work.join('home'), XDG_CONFIG_HOME: undefined } };
    fs.writeFileSync(
      conf,
      `[[registry]]\nlocation = "${plain.host}"\nblocked = true\n[[registry]]\nlocation = "far.example.org/x"\n[[registry.mirror]]\nlocation = "${plain.host}"\ninsecure = true\n`,
    );
    expect(await aptLayer(sysroot, ['pull', `${plain.host}/server:1`], withConf)).toMatchObject({
      code: 7,
      stderr: expect.stringContaining('blocks this registry'),
    });
    fs.writeFileSync(conf, fs.readFileSync(conf, 'utf8').replace('blocked = true', 'insecure = true'));
    const direct = await aptLayerMust(sysroot, ['--json', 'pull', `${plain.host}/server:1`], withConf);
    const mirrored = await aptLayerMust(sysroot, ['--json', 'pull', 'far.example.org/x/server:1'], withConf);
    // What is trusted is decided by the name that was asked for.
    const there = direct.json() as { check: object };
    const check = { ...there.check, identity: 'far.example.org/x/server:1' };
    expect(mirrored.json()).toEqual({ ...there, check });
  });
});
