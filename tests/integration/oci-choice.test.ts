import fs from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { importLayout } from '../support/oci-import.ts';
import { digestOf, named, writeImage } from '../support/oci-layout.ts';
import { aptLayer } from '../support/program.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary.ts';

let directory: TemporaryDirectory;
let sysroot: string;

beforeAll(() => {
  directory = temporaryDirectory('oci-choice');
  sysroot = directory.join('sysroot');
});
afterAll(() => directory[Symbol.asyncDispose]());

const imported = (source: string, ref: string) => importLayout(sysroot, { source, ref });

describe('the image that is meant', () => {
  interface Entry {
    readonly architecture?: string;
    readonly variant?: string;
    readonly tag?: string;
    readonly more?: Readonly<Record<string, unknown>>;
    /** Members of its manifest. */
    readonly manifest?: Readonly<Record<string, unknown>>;
    /** Said in the index; default true. */
    readonly platform?: boolean;
  }
  let number = 0;

  /** A layout with an image for each entry, told apart by a label; returns where it is, and the digests of manifests by label. */
  function layoutOf(entries: Readonly<Record<string, Entry>>): { at: string; digests: Map<string, string> } {
    number += 1;
    const at = directory.join(`choice-${number}`);
    const manifests: unknown[] = [];
    const digests = new Map<string, string>();
    for (const [label, entry] of Object.entries(entries)) {
      const { architecture = HERE, variant, tag, more, manifest, platform = true } = entry;
      const config = { config: { Labels: { label } }, ...(variant !== undefined && { variant }) };
      writeImage(at, { entries: [named(`etc/${label}`)], architecture, config });
      const index = JSON.parse(fs.readFileSync(`${at}/index.json`, 'utf8')) as {
        manifests: { digest: string }[];
      };
      let [made] = index.manifests as [{ digest: string; size?: number }];
      if (manifest !== undefined) {
        const bytes = JSON.parse(fs.readFileSync(`${at}/blobs/sha256/${made.digest.slice(7)}`, 'utf8'));
        const changed = Buffer.from(JSON.stringify({ ...bytes, ...manifest }));
        fs.writeFileSync(`${at}/blobs/sha256/${digestOf(changed)}`, changed);
        made = { ...made, digest: `sha256:${digestOf(changed)}`, size: changed.length };
      }
      digests.set(label, made.digest);
      manifests.push({
        ...made,
        ...(platform && {
          platform: { os: 'linux', architecture, ...(variant !== undefined && { variant }) },
        }),
        ...(tag !== undefined && { annotations: { 'org.opencontainers.image.ref.name': tag } }),
        ...more,
      });
    }
    fs.writeFileSync(`${at}/index.json`, JSON.stringify({ schemaVersion: 2, manifests }));
    return { at, digests };
  }

  const HERE = process.arch === 'x64' ? 'amd64' : process.arch;
  const SUBJECT = {
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    digest: `sha256:${'1'.repeat(64)}`,
    size: 2,
  };
  const chosen = async (at: string) => (await imported(at, 'chosen')).labels['label'];

  it.each<[string, string, Readonly<Record<string, Entry>>]>([
    ['is the one without a variant', 'plain', { v2: { variant: 'v2' }, plain: {}, v3: { variant: 'v3' } }],
    [
      'is the one with the highest that the processor has',
      'v1',
      { v1: { variant: 'v1' }, v99: { variant: 'v99' } },
    ],
    ['is that for this machine', 'here', { other: { architecture: 's390x' }, here: {} }],
    [
      'is not a signature, a list of contents, or anything else about it',
      'image',
      {
        list: { more: { artifactType: 'application/spdx+json' } },
        signature: { platform: false, manifest: { subject: SUBJECT } },
        artifact: { platform: false, manifest: { artifactType: 'application/vnd.example' } },
        old: {
          platform: false,
          tag: `sha256-${'1'.repeat(64)}.sig`,
          manifest: {
            layers: [{ ...SUBJECT, mediaType: 'application/vnd.dev.cosign.simplesigning.v1+json' }],
          },
        },
        attested: { architecture: 'unknown' },
        image: { platform: false },
      },
    ],
  ])('%s', async (_, expected, entries) => {
    expect(await chosen(layoutOf(entries).at)).toBe(expected);
  });

  it('may have a name with colons, several names, and a digest', async () => {
    const name = 'localhost/foo:latest';
    const { at, digests } = layoutOf({ a: { tag: name }, b: { tag: 'b' } });
    const digest = digests.get('b') ?? '';
    expect(await chosen(`${at}:${name}`)).toBe('a');
    expect(await chosen(`${at}@${digest}`)).toBe('b');
    expect(await chosen(`${at}:b@${digest}`)).toBe('b');
    const wrong = await aptLayer(sysroot, ['import', `oci:${at}:${name}@${digest}`]);
    expect(wrong.stderr).toContain(`does not have one image called "${name}@${digest}"`);
    const both = await aptLayer(sysroot, ['import', `oci:${at}`]);
    expect(both.stderr).toContain(`it has: ${name}, b`);
    const index = JSON.parse(fs.readFileSync(`${at}/index.json`, 'utf8')) as { manifests: object[] };
    const again = { ...index.manifests[1], annotations: { 'org.opencontainers.image.ref.name': 'c' } };
    fs.writeFileSync(
      `${at}/index.json`,
      JSON.stringify({ ...index, manifests: [index.manifests[1], again] }),
    );
    expect(await chosen(at)).toBe('b');
  });

  it('has to be one', async () => {
    const { at } = layoutOf({ a: {}, b: {} });
    const { code, stderr } = await aptLayer(sysroot, ['import', `oci:${at}`]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/2 images for linux\/\w+ are in[\s\S]*@sha256:HEX/);
  });
});
