import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { file, memoryTree, readInline } from '../../../tests/support/memory-package.ts';
import { fromText } from '../../formats/bytes/index.ts';
import { lookup } from '../../formats/tree/index.ts';
import { clampKeystore, withoutLaterTimes } from './java-keystore.ts';

/** Written down from the description of the format, apart from the code. */
function keystore(entries: readonly { name: string; seconds: number }[], password = 'changeit'): Buffer {
  const u16 = (text: string) => Buffer.concat([Buffer.from([0, text.length]), Buffer.from(text)]);
  const u32 = (value: number) => Buffer.from(value.toString(16).padStart(8, '0'), 'hex');
  const time = (seconds: number) => Buffer.from((seconds * 1000).toString(16).padStart(16, '0'), 'hex');
  const body = Buffer.concat([
    Buffer.from('feedfeed00000002', 'hex'),
    u32(entries.length),
    ...entries.flatMap(({ name, seconds }) => [
      u32(2),
      u16(name),
      time(seconds),
      u16('X.509'),
      u32(3),
      Buffer.from('DER'),
    ]),
  ]);
  const key = Buffer.from([...password].flatMap(letter => [0, letter.charCodeAt(0)]));
  return Buffer.concat([
    body,
    createHash('sha1').update(key).update('Mighty Aphrodite').update(body).digest(),
  ]);
}

describe('a key store of Java', () => {
  const made = keystore([
    { name: 'debian:one.pem', seconds: 2000 },
    { name: 'debian:two.pem', seconds: 900 },
  ]);
  const clamped = keystore([
    { name: 'debian:one.pem', seconds: 1000 },
    { name: 'debian:two.pem', seconds: 900 },
  ]);

  it('has no time later than the image', () => {
    expect(withoutLaterTimes(made, 1000)).toEqual(clamped);
    expect(withoutLaterTimes(clamped, 1000)).toEqual(clamped);
  });

  it('with another password, or of another kind, is left alone', () => {
    expect(withoutLaterTimes(keystore([{ name: 'one', seconds: 2000 }], 'secret'), 1000)).toBeUndefined();
    expect(withoutLaterTimes(Buffer.from('PKCS12'), 1000)).toBeUndefined();
    expect(withoutLaterTimes(Buffer.alloc(0), 1000)).toBeUndefined();
  });

  it('that lies about its lengths is left alone', () => {
    fc.assert(
      fc.property(fc.nat(made.length - 21), fc.integer({ min: 0, max: 255 }), (index, value) => {
        const body = Buffer.from(made.subarray(0, -20));
        body[index] = value;
        const key = Buffer.from('changeit', 'utf16le').swap16();
        const digest = createHash('sha1').update(key).update('Mighty Aphrodite').update(body).digest();
        const result = withoutLaterTimes(Buffer.concat([body, digest]), 1000);
        expect(result?.length ?? made.length).toBe(made.length);
      }),
    );
  });

  it('of a tree is replaced, another stays the same node', () => {
    const access = { read: readInline, put: () => 'digest' };
    const path = '/etc/ssl/certs/java/cacerts';
    const tree = (bytes: Buffer) =>
      memoryTree({ [path]: { ...file(''), content: { kind: 'inline', bytes } } });
    const result = lookup(clampKeystore(tree(made), 1000, access), fromText(path));
    expect(result).toMatchObject({ size: clamped.length });
    const same = tree(clamped);
    expect(clampKeystore(same, 1000, access)).toBe(same);
  });
});
