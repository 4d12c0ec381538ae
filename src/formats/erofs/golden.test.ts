import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  goldenImage,
  goldenNames,
  goldenRustImages,
  rustDump,
  withoutReadOverrun,
} from '../../../tests/support/golden-composefs.ts';
import { parseDump, serializeDump } from '../dump/index.ts';
import { verityDigest } from '../verity/index.ts';
import { readImage, writeImage } from './index.ts';

describe('images that mkcomposefs makes', () => {
  it.each(goldenNames())('%s', name => {
    const { dump, version, sha256, digest, redump } = goldenImage(name);
    const { tree, realNames } = parseDump(dump);
    const { image } = writeImage(tree, { version, realNames });
    expect(createHash('sha256').update(image).digest('hex')).toBe(sha256);
    expect(verityDigest(image, 'sha256')).toBe(digest);
    const text = serializeDump(readImage(image).tree).toString('latin1');
    expect(text).toBe(withoutReadOverrun(redump.toString('latin1'), text));
  });
});

describe('images that composefs-rs makes', () => {
  const cases = goldenRustImages().filter(({ version }) => version < 2);

  it('has cases of both versions and algorithms', () => {
    expect(new Set(cases.map(({ version, alg }) => `${version} ${alg}`)).size).toBe(4);
  });

  it.each(cases.map(expected => [`${expected.dump} V${expected.version}`, expected] as const))(
    '%s',
    (_, expected) => {
      const { tree } = parseDump(rustDump(expected.dump));
      const { image, version } = writeImage(tree, {
        version: expected.version as 0 | 1,
        algorithm: expected.alg,
      });
      expect(version).toBe(expected.version);
      expect(verityDigest(image, expected.alg)).toBe(expected.digest);
    },
  );
});
