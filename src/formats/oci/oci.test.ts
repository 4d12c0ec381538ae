import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FormatError } from '../../errors/index.ts';
import { fromText } from '../bytes/index.ts';
import {
  MEDIA_TYPE,
  type OciConfig,
  type OciIndex,
  type OciManifest,
  ociArchitecture,
  parseConfig,
  parseIndex,
  parseLayoutMarker,
  parseManifest,
  serializeConfig,
  serializeIndex,
  serializeLayoutMarker,
  serializeManifest,
  whiteoutOf,
} from './index.ts';

const hex = fc.stringMatching(/^[0-9a-f]{64}$/);
const texts = fc.dictionary(
  fc.string({ minLength: 1 }).filter(key => key !== '__proto__'),
  fc.string(),
  { maxKeys: 4 },
);
/** What no version of this program knows. */
const rest = fc.option(
  fc.dictionary(fc.stringMatching(/^future[a-z]{1,5}$/), fc.jsonValue(), { minKeys: 1, maxKeys: 3 }),
  { nil: undefined },
);
const machine = {
  os: fc.string(),
  architecture: fc.string(),
  variant: fc.option(fc.string(), { nil: undefined }),
};
const platform = fc.record({ ...machine, rest });
const descriptor = fc.record({
  mediaType: fc.string(),
  sha256: hex,
  size: fc.maxSafeNat(),
  annotations: texts,
  platform: fc.option(platform, { nil: undefined }),
  artifactType: fc.option(fc.string(), { nil: undefined }),
  rest,
});
/** Objects without prototypes compare as those with one. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('documents', () => {
  it('an index is read as it was written', () => {
    fc.assert(
      fc.property(fc.array(descriptor), rest, (manifests, more) => {
        const index: OciIndex = { manifests, rest: more };
        expect(plain(parseIndex(serializeIndex(index)))).toEqual(plain(index));
      }),
    );
  });

  it('a manifest is read as it was written', () => {
    fc.assert(
      fc.property(descriptor, fc.array(descriptor), texts, (config, layers, annotations) => {
        const manifest: OciManifest = { config, layers, annotations, isArtifact: false };
        expect(plain(parseManifest(serializeManifest(manifest)))).toEqual(plain(manifest));
      }),
    );
  });

  it('a configuration is read as it was written', () => {
    fc.assert(
      fc.property(fc.record(machine), fc.array(hex), texts, rest, (place, diffIds, labels, run = {}) => {
        const config: OciConfig = { ...place, diffIds, labels, run, created: '2026-01-01T00:00:00Z' };
        expect(plain(parseConfig(serializeConfig(config, ['made'])))).toEqual(plain(config));
      }),
    );
  });

  it('the order of labels does not change the bytes', () => {
    const config = { os: 'linux', architecture: 'amd64', diffIds: [], run: {} };
    const [one, other] = [
      { a: '1', b: '2' },
      { b: '2', a: '1' },
    ].map(labels => serializeConfig({ ...config, labels }, []));
    expect(one).toEqual(other);
  });

  it('any bytes give a document or a FormatError', () => {
    const parsers = [parseIndex, parseManifest, parseConfig, parseLayoutMarker];
    const inputs = fc.oneof(
      fc.uint8Array(),
      fc.json().map(text => Buffer.from(text)),
    );
    fc.assert(
      fc.property(inputs, bytes => {
        for (const parse of parsers)
          try {
            parse(Buffer.from(bytes));
          } catch (error) {
            expect(error).toBeInstanceOf(FormatError);
          }
      }),
    );
  });

  const layer = { mediaType: MEDIA_TYPE.layer, digest: `sha256:${'0'.repeat(64)}`, size: 1 };
  it.each([
    [
      'a digest that is a path',
      { ...layer, digest: 'sha256:../../etc/passwd' },
      'layers[0].digest is not a digest',
    ],
    [
      'a digest in capitals',
      { ...layer, digest: `sha256:${'A'.repeat(64)}` },
      'layers[0].digest is not a digest',
    ],
    ['another algorithm', { ...layer, digest: `md5:${'0'.repeat(32)}` }, 'layers[0].digest is not a digest'],
    ['a negative size', { ...layer, size: -1 }, 'layers[0].size is not a whole number'],
    ['a size that is text', { ...layer, size: '1' }, 'layers[0].size is not a whole number'],
    ['no media type', { ...layer, mediaType: undefined }, 'layers[0].mediaType is not text'],
    ['a layer that is a list', [], 'layers[0] is not an object'],
    [
      'annotations that are no text',
      { ...layer, annotations: { a: 1 } },
      'layers[0].annotations.a is not text',
    ],
  ])('%s is refused by its place', (_, wrong, message) => {
    const manifest = { schemaVersion: 2, config: layer, layers: [wrong] };
    expect(() => parseManifest(Buffer.from(JSON.stringify(manifest)))).toThrow(message);
  });

  it('other versions are refused', () => {
    expect(() => parseManifest(Buffer.from('{"schemaVersion":1}'))).toThrow('schemaVersion is not 2');
    expect(() => parseLayoutMarker(Buffer.from('{"imageLayoutVersion":"2.0"}'))).toThrow('version "2.0"');
    parseLayoutMarker(serializeLayoutMarker());
  });

  it('there is a limit to layers', () => {
    const layers = Array.from({ length: 1001 }, () => layer);
    const manifest = Buffer.from(JSON.stringify({ schemaVersion: 2, config: layer, layers }));
    expect(() => parseManifest(manifest)).toThrow('more than 1000 layers');
  });
});

describe('whiteouts', () => {
  it.each([
    ['file', undefined],
    ['.whatever', undefined],
    ['.wh.file', { kind: 'removes', name: 'file' }],
    ['.wh..hidden', { kind: 'removes', name: '.hidden' }],
    ['.wh..wh..opq', { kind: 'opaque' }],
    ['.wh..wh.plnk', { kind: 'meta' }],
    ['.wh.', { kind: 'meta' }],
    ['.wh..', { kind: 'meta' }],
    ['.wh...', { kind: 'meta' }],
  ])('%s', (name, expected) => {
    expect(whiteoutOf(fromText(name))).toEqual(expected);
  });
});

it('architectures have the names of Go', () => {
  expect(['amd64', 'arm64', 'i386', 'armhf', 'ppc64el', 'riscv64'].map(ociArchitecture)).toEqual([
    'amd64',
    'arm64',
    '386',
    'arm',
    'ppc64le',
    'riscv64',
  ]);
});
