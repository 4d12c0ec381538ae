import fs from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseImageReference, type RegistryReference } from '../../src/formats/reference/index.ts';
import { fetchLayers } from '../../src/registry/fetch-layers.ts';
import { openImage } from '../../src/registry/index.ts';
import { ensureStore } from '../../src/store/store.ts';
import { must } from '../support/command.ts';
import { testHost } from '../support/host.ts';
import { loopFileSystem } from '../support/loop-file-system.ts';
import { digestOf, type HandMade, named, writeImage } from '../support/oci-layout.ts';
import { type Oddity, type OddRegistry, startOddRegistry } from '../support/odd-registry.ts';
import { aptLayer, aptLayerMust } from '../support/program.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary.ts';

let work: TemporaryDirectory;
let registry: OddRegistry;
let sysroot: string;

beforeAll(async () => {
  work = temporaryDirectory('registry-faults');
  sysroot = work.join('sysroot');
  registry = await startOddRegistry();
  layerOfFile = writeImage(work.join('file'), FILE).slice(-64);
  writeImage(work.join('good'), { entries: [named('etc/good')] });
  registry.serve('good', work.join('good'));
  // So that there is something that must stay as it was.
  await aptLayerMust(sysroot, [...options, 'pull', `${registry.host}/good:1`, '--ref', 'good']);
});
afterAll(async () => {
  await registry?.[Symbol.asyncDispose]();
  await work[Symbol.asyncDispose]();
});

const options = ['--tls-verify', 'false'];
const pull = (name: string, at = sysroot) => aptLayer(at, [...options, 'pull', `${registry.host}/${name}`]);

/** What a sysroot has: refs, objects, and scratch files. */
function contents(at: string): string[] {
  const all = fs.readdirSync(at, { recursive: true, encoding: 'utf8' });
  return all.filter(one => !/^state\/transactions\/|^state\/lock|^state\/reserve/.test(one)).sort();
}

/** Changes the document at the top of a layout, or the manifest that its index names. */
function rewrite(at: string, change: (document: Record<string, unknown>) => unknown): void {
  const index = JSON.parse(fs.readFileSync(`${at}/index.json`, 'utf8')) as {
    manifests: { digest: string }[];
  };
  const digest = index.manifests[0]?.digest.slice(7) ?? '';
  const document = JSON.parse(fs.readFileSync(`${at}/blobs/sha256/${digest}`, 'utf8')) as Record<
    string,
    unknown
  >;
  const bytes = Buffer.from(JSON.stringify(change(document)));
  fs.writeFileSync(`${at}/blobs/sha256/${digestOf(bytes)}`, bytes);
  fs.writeFileSync(
    `${at}/index.json`,
    JSON.stringify({ manifests: [{ digest: `sha256:${digestOf(bytes)}`, size: bytes.length }] }),
  );
}

const status =
  (code: number, headers: Record<string, string> = {}): Oddity =>
  (_, response) => {
    response.writeHead(code, headers).end('no');
    return true;
  };
const onBlob =
  (odd: Oddity): Oddity =>
  (request, response) =>
    request.isBlob && odd(request, response);

interface Layer {
  mediaType: string;
  digest: string;
  size: number;
}
const layersOf = (document: Record<string, unknown>) => document['layers'] as Layer[];
/** The layer of an image, otherwise. */
const withLayer = (change: Partial<Layer>) => (document: Record<string, unknown>) => ({
  ...document,
  layers: layersOf(document).map(one => ({ ...one, ...change })),
});

interface Case {
  readonly image?: Partial<HandMade>;
  readonly odd?: Oddity;
  readonly document?: (document: Record<string, unknown>) => unknown;
  readonly code: number;
  readonly says: RegExp;
}

const FILE = { entries: [named('etc/x')] };
let layerOfFile = '';

describe('what a registry does wrong leaves nothing, and is said', () => {
  it.each<[string, Case]>([
    [
      'asks for a password',
      { odd: status(401), code: 7, says: /asks for a name and a password[\s\S]*hint: .*login/ },
    ],
    ['refuses', { odd: status(403), code: 7, says: /refuses it/ }],
    ['does not have it', { odd: status(404), code: 1, says: /does not have it/ }],
    [
      'has had too much',
      { odd: status(429, { 'Retry-After': '0' }), code: 7, says: /too many requests[\s\S]*hint: wait/ },
    ],
    ['has a fault', { odd: status(500), code: 7, says: /has a fault/ }],
    [
      'is a page to log in on',
      {
        odd(_, response) {
          response.writeHead(200, { 'Content-Type': 'text/html' }).end('<html>please log in</html>');
          return true;
        },
        code: 6,
        says: /it is not JSON/,
      },
    ],
    [
      'breaks off in the middle of a layer',
      {
        image: { packed: Buffer.alloc(100_000, 7) },
        odd: onBlob(({ path }, response) => {
          if (path.includes(digestOf(Buffer.alloc(100_000, 7)))) {
            response.writeHead(200, { 'Content-Length': 100_000 });
            response.write(Buffer.alloc(50_000, 7), () => response.destroy());
            return true;
          }
          return false;
        }),
        code: 7,
        says: /connection to the registry broke/,
      },
    ],
    [
      'sends another layer',
      {
        odd: onBlob(({ times, path }, response) => {
          // The configuration as it is.
          if (!path.endsWith(layerOfFile)) return false;
          response.writeHead(200).end('something else');
          return times > 0;
        }),
        code: 6,
        says: /other bytes than the digest says|has \d+ bytes instead/,
      },
    ],
    [
      'lacks a layer',
      {
        document: withLayer({ digest: `sha256:${'1'.repeat(64)}` }),
        code: 1,
        says: /does not have it|sha256:1111/,
      },
    ],
    [
      'has an encrypted layer',
      {
        document: withLayer({ mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip+encrypted' }),
        code: 6,
        says: /it is encrypted[\s\S]*hint: decrypt/,
      },
    ],
    [
      'has a layer from elsewhere',
      {
        document: withLayer({ mediaType: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip' }),
        code: 6,
        says: /fetched from elsewhere/,
      },
    ],
    [
      'has an unknown layer',
      {
        document: withLayer({ mediaType: 'application/x.tar+lzma' }),
        code: 6,
        says: /"application\/x.tar\+lzma": it is not supported/,
      },
    ],
    [
      "has docker's first schema",
      { document: () => ({ schemaVersion: 1, fsLayers: [] }), code: 6, says: /schema 1/ },
    ],
    [
      'has 10,000 layers',
      {
        document: one => ({ ...one, layers: Array.from({ length: 10_000 }, () => layersOf(one)[0]) }),
        code: 6,
        says: /more than \d+ layers/,
      },
    ],
    [
      'claims 999 TiB',
      {
        document: withLayer({ size: 999 * 1024 ** 4 }),
        code: 1,
        says: /needs 1098412116\.1 MB.* are free/,
      },
    ],
    [
      'has a layer that leads out',
      {
        image: { entries: [named('../../../etc/escaped')] },
        code: 6,
        says: /\.\.\/\.\.\/\.\.\/etc\/escaped/,
      },
    ],
  ])('%s', async (name, { image = FILE, odd, document, code, says }) => {
    const repository = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
    const at = work.join(repository);
    writeImage(at, { ...FILE, ...image });
    if (document !== undefined) rewrite(at, document);
    registry.serve(repository, at, odd);
    const before = contents(sysroot);
    const result = await pull(`${repository}:1`);
    expect([result.code, result.stderr]).toEqual([code, expect.stringMatching(says)]);
    expect(result.stdout).toBe('');
    expect(contents(sysroot)).toEqual(before);
    expect(fs.existsSync('/etc/escaped')).toBe(false);
  });
});

it('an index that names itself over and over has an end', async () => {
  const at = work.join('loop');
  writeImage(at, FILE);
  const type = 'application/vnd.oci.image.index.v1+json';
  const wrap = (document: unknown) => {
    const bytes = Buffer.from(JSON.stringify(document));
    fs.writeFileSync(`${at}/blobs/sha256/${digestOf(bytes)}`, bytes);
    return { mediaType: type, digest: `sha256:${digestOf(bytes)}`, size: bytes.length };
  };
  let inner: unknown = wrap({ schemaVersion: 2, mediaType: type, manifests: [] });
  for (let depth = 0; depth < 12; depth += 1)
    inner = wrap({ schemaVersion: 2, mediaType: type, manifests: [inner] });
  fs.writeFileSync(`${at}/index.json`, JSON.stringify({ manifests: [inner] }));
  registry.serve('loop', at);
  expect(await pull('loop:1')).toMatchObject({
    code: 6,
    stderr: expect.stringContaining('in too many others'),
  });
});

it('a registry that answers with another manifest than its digest is not believed', async () => {
  registry.serve('other', work.join('good'), ({ isBlob }, response) => {
    if (isBlob) return false;
    response.writeHead(200, { 'Content-Type': 'application/vnd.oci.image.manifest.v1+json' });
    response.end(JSON.stringify({ schemaVersion: 2, layers: [], config: {} }));
    return true;
  });
  const result = await pull(`other@sha256:${'a'.repeat(64)}`);
  expect([result.code, result.stderr]).toEqual([
    6,
    expect.stringMatching(/answered with sha256:\w+ when asked for sha256:aaaa/),
  ]);
});

it('a full disk is said, and leaves room for nothing else to go wrong', async () => {
  await using disk = await loopFileSystem('ext4', 16 * 2 ** 20);
  const entries = [
    {
      ...named('etc/big'),
      body: Buffer.from(
        Array.from({ length: 24 * 2 ** 20 }, (_, i) => (i * 7 + (i >> 8) * 13 + (i >> 16)) & 255),
      ),
    },
  ];
  writeImage(work.join('large'), { entries, pack: 'none' });
  registry.serve('large', work.join('large'));
  const result = await pull('large:1', `${disk.path}/sysroot`);
  expect([result.code, result.stderr]).toEqual([1, expect.stringMatching(/disk is full|no space|are free/i)]);
  expect((await aptLayerMust(`${disk.path}/sysroot`, ['status'])).code).toBe(0);
});

it('a registry that sends nothing any more is not waited for without end', async () => {
  const at = work.join('stalls');
  writeImage(at, FILE);
  registry.serve('stalls', at, ({ path }, response) => {
    if (!path.endsWith(layerOfFile)) return false;
    response.writeHead(200, { 'Content-Length': 1_000_000 });
    return response.write('x');
  });
  const plain = testHost();
  const host = { ...plain, registries: { ...plain.registries, tlsVerify: false } };
  const store = ensureStore(host, work.join('stalls-store'));
  const reference = parseImageReference(`oci://${registry.host}/stalls:1`) as RegistryReference;
  const { found } = await openImage(host, { reference, stage: work.join('stalls-stage') });
  const skopeo = () => must('sh', ['-c', 'pgrep -ax skopeo | grep stalls || true']);
  const fetched = fetchLayers(store, { reference, found, policy: [] }, 1500);
  // It may end while we look.
  fetched.catch(() => undefined);
  await expect.poll(skopeo, { timeout: 20_000 }).toContain('stalls');
  await expect(fetched).rejects.toMatchObject({
    code: 'NETWORK',
    message: expect.stringContaining('the registry has sent nothing for 2 s'),
  });
  // skopeo has ended with it.
  expect(await skopeo()).toBe('');
});
