import fc from 'fast-check';
import { expect, it } from 'vitest';
import { describeSignature, type ImageCheck, readImageCheck } from './index.ts';

const line = fc.string({ minLength: 1, unit: 'grapheme' }).filter(text => !/[\x00-\x1f\x7f]/.test(text));
const check: fc.Arbitrary<ImageCheck> = fc.record({
  identity: line,
  manifest: fc.stringMatching(/^[0-9a-f]{64}$/).map(hex => `sha256:${hex}`),
  rule: line,
  signatures: fc.array(
    fc.record({
      kind: fc.constantFrom('gpg' as const, 'sigstore' as const, 'other' as const),
      by: fc.constantFrom('policy' as const, 'demand' as const),
      keys: fc.array(line),
    }),
  ),
});

it('reads what was written', () => {
  fc.assert(
    fc.property(check, one => {
      expect(readImageCheck(JSON.parse(JSON.stringify(one)))).toEqual(one);
    }),
  );
});

it('reads nothing else', () => {
  fc.assert(
    fc.property(fc.jsonValue(), value => {
      expect(readImageCheck(value)).toBeUndefined();
    }),
  );
  const one = { identity: 'a/b:1', manifest: `sha256:${'0'.repeat(64)}`, rule: 'default', signatures: [] };
  expect(readImageCheck(one)).toEqual(one);
  expect(readImageCheck({ ...one, more: 1 })).toEqual(one);
  const signature = { kind: 'gpg', by: 'policy', keys: ['A'] };
  for (const wrong of [
    ...[{ manifest: 'sha256:0' }, { identity: 'a\nb' }, { rule: 1 }, { signatures: {} }],
    ...[{ kind: 'x' }, { by: 'me' }, { keys: 'A' }, { keys: ['\x1b[0m'] }].map(part => ({
      signatures: [{ ...signature, ...part }],
    })),
  ])
    expect(readImageCheck({ ...one, ...wrong })).toBeUndefined();
});

it('says whose signature it is', () => {
  expect(describeSignature({ kind: 'gpg', by: 'policy', keys: ['A', 'B'] })).toBe('the OpenPGP key A, or B');
});
