import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import fs from 'node:fs';
import { must } from './command.ts';
import { type Registry, startRegistry } from './registry.ts';
import { type SigningKey, signingKey } from './signing-key.ts';
import { type TemporaryDirectory, temporaryDirectory } from './temporary.ts';

/** A home whose settings say what containers and skopeo trust. */
export interface TrustHome {
  /** For programs that are to obey them. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly policyFile: string;
  /** Of containers-registries.d(5): signatures of GPG lie in a directory. */
  readonly settings: string;
  /** Writes containers-policy.json(5): rules by scope for `docker`, and what holds for the rest. */
  setPolicy(docker: Readonly<Record<string, readonly object[]>>, rest?: object): void;
}

export const ACCEPT = { type: 'insecureAcceptAnything' };
export const REJECT = { type: 'reject' };

export function trustHome(directory: string, host: string): TrustHome {
  const config = `${directory}/.config/containers`;
  const settings = `${config}/registries.d`;
  fs.mkdirSync(settings, { recursive: true });
  const place = `file://${directory}/lookaside`;
  const lookaside = { docker: { [host]: { lookaside: place, 'lookaside-staging': place } } };
  fs.writeFileSync(`${settings}/tests.yaml`, JSON.stringify(lookaside));
  const policyFile = `${config}/policy.json`;
  return {
    env: { HOME: directory, XDG_CONFIG_HOME: undefined },
    policyFile,
    settings,
    setPolicy: (docker, rest = ACCEPT) =>
      fs.writeFileSync(policyFile, JSON.stringify({ default: [rest], transports: { docker } })),
  };
}

/** The rule that demands the signature of a key. */
export const signedBy = ({ keyring }: SigningKey, signedIdentity?: object) => ({
  ...{ type: 'signedBy', keyType: 'GPGKeys', keyPath: keyring },
  ...(signedIdentity !== undefined && { signedIdentity }),
});

/** Copies an image of a layout into a registry, and signs it where a key is given. */
export async function send(
  { settings }: TrustHome,
  { layout, to, key }: { layout: string; to: string; key?: SigningKey },
): Promise<void> {
  const signing = key === undefined ? [] : ['--sign-by', key.fingerprint];
  await must(
    'skopeo',
    [
      ...[
        '--insecure-policy',
        '--registries.d',
        settings,
        'copy',
        '--quiet',
        '--dest-tls-verify=false',
        ...signing,
      ],
      ...[`oci:${layout}:image`, `docker://${to}`],
    ],
    { env: { GNUPGHOME: key?.home } },
  );
}

/** A key as cosign has it, and what it signs. */
export interface CosignKey {
  readonly publicKey: string;
  readonly fingerprint: string;
  /** Attaches a signature to an image as cosign does: it names the repository, and no tag. */
  attach(registry: Registry, repository: string, manifest: string): Promise<void>;
}

export function cosignKey(): CosignKey {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const der = publicKey.export({ type: 'spki', format: 'der' });
  return {
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    fingerprint: `sha256:${createHash('sha256').update(der).digest('hex')}`,
    async attach({ host }, repository, manifest) {
      const critical = {
        identity: { 'docker-reference': `${host}/${repository}` },
        image: { 'docker-manifest-digest': manifest },
        type: 'cosign container image signature',
      };
      const payload = Buffer.from(JSON.stringify({ critical, optional: null }));
      const config = Buffer.from('{}');
      const at = `http://${host}/v2/${repository}`;
      await Promise.all([upload(at, payload), upload(at, config)]);
      const signature = sign('sha256', payload, privateKey).toString('base64');
      const layer = {
        ...described(payload, 'application/vnd.dev.cosign.simplesigning.v1+json'),
        annotations: { 'dev.cosignproject.cosign/signature': signature },
      };
      const mediaType = 'application/vnd.oci.image.manifest.v1+json';
      const body = JSON.stringify({
        ...{ schemaVersion: 2, mediaType },
        config: described(config, 'application/vnd.oci.image.config.v1+json'),
        layers: [layer],
      });
      const tag = `${manifest.replace(':', '-')}.sig`;
      const headers = { 'Content-Type': mediaType };
      assertDone(await fetch(`${at}/manifests/${tag}`, { method: 'PUT', body, headers }));
    },
  };
}

function described(bytes: Buffer, mediaType: string) {
  return { mediaType, digest: digestOf(bytes), size: bytes.length };
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

async function upload(at: string, bytes: Buffer): Promise<void> {
  const begun = await fetch(`${at}/blobs/uploads/`, { method: 'POST' });
  assertDone(begun);
  const place = new URL(begun.headers.get('Location') ?? '', `${at}/`);
  place.searchParams.set('digest', digestOf(bytes));
  const headers = { 'Content-Type': 'application/octet-stream' };
  assertDone(await fetch(place, { method: 'PUT', body: new Uint8Array(bytes), headers }));
}

function assertDone(response: Response): void {
  if (!response.ok) throw new Error(`the registry answers ${response.status} to ${response.url}`);
}

/** A registry with an image `team/server` that is signed as `:1`, the same not signed as `:2`, and another as `:unsigned`. */
export interface SignedImages extends AsyncDisposable {
  readonly work: TemporaryDirectory;
  readonly registry: Registry;
  readonly home: TrustHome;
  /** The key that signed it, and one that did not. */
  readonly good: SigningKey;
  readonly other: SigningKey;
  /** The signed image. */
  readonly layout: string;
  readonly unsigned: string;
  /** A path that nothing is at. */
  fresh(kind: string): string;
}

export async function signedImages(): Promise<SignedImages> {
  const work = temporaryDirectory('trust');
  const [registry, good, other] = await Promise.all([startRegistry(), signingKey(), signingKey()]);
  const home = trustHome(work.join('home'), registry.host);
  const layout = await makeLayout(work, 'layout');
  const unsigned = await makeLayout(work, 'unsigned');
  const to = (tag: string) => `${registry.host}/team/server:${tag}`;
  await send(home, { layout, to: to('1'), key: good });
  await send(home, { layout, to: to('2') });
  await send(home, { layout: unsigned, to: to('unsigned') });
  let serial = 0;
  return {
    ...{ work, registry, home, good, other, layout, unsigned },
    fresh(kind) {
      serial += 1;
      return work.join(`${kind}-${serial}`);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([registry, good, other].map(one => one[Symbol.asyncDispose]()));
      await work[Symbol.asyncDispose]();
    },
  };
}

/** An image with one file that has the name for its content. */
export async function makeLayout(work: TemporaryDirectory, called: string): Promise<string> {
  const at = work.join(called);
  const file = work.join(`${called}.file`);
  fs.writeFileSync(file, called);
  await must('umoci', ['init', '--layout', at]);
  await must('umoci', ['new', '--image', `${at}:image`]);
  await must('umoci', ['insert', '--image', `${at}:image`, file, '/etc/file']);
  return at;
}

/** What a sysroot has of images. */
export function imagesIn(sysroot: string): string[] {
  return ['composefs/objects', 'composefs/images']
    .flatMap(path =>
      fs.existsSync(`${sysroot}/${path}`)
        ? fs.readdirSync(`${sysroot}/${path}`, { recursive: true, encoding: 'utf8' })
        : [],
    )
    .filter(one => one !== 'refs')
    .sort();
}
