import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FormatError } from '../../errors/index.ts';
import { compareVersions, isVersion, parseVersion } from './index.ts';

/** One shell asks dpkg about all pairs. */
function dpkgOrder(pairs: readonly (readonly [string, string])[]): number[] {
  const script =
    'while read -r a && read -r b; do ' +
    'if dpkg --compare-versions "$a" lt "$b"; then echo -1; ' +
    'elif dpkg --compare-versions "$a" gt "$b"; then echo 1; else echo 0; fi; done';
  const input = pairs
    .flat()
    .map(version => `${version}\n`)
    .join('');
  const output = execFileSync('sh', ['-c', script], { input, stdio: ['pipe', 'pipe', 'ignore'] });
  return output.toString().trim().split('\n').map(Number);
}

const TRICKY: readonly (readonly [string, string])[] = [
  ['1.0', '1.0'],
  ['1.0', '1.00'],
  ['1.0', '1.0-0'],
  ['1.0', '1.0-00'],
  ['0:1.0', '1.0'],
  ['1:1.0', '2.0'],
  ['010:1', '9:2'],
  ['1.01a', '1.1a'],
  ['1.0~~', '1.0~'],
  ['1.0~~a', '1.0~'],
  ['1.0~', '1.0'],
  ['1.0~rc1-1', '1.0-1'],
  ['1.0-1~', '1.0-1'],
  ['1.0-1', '1.0-1+b1'],
  ['1.0a', '1.0+'],
  ['1.0a', '1.0Z'],
  ['1.0.', '1.0'],
  ['1.0.', '1.0+'],
  ['1.2.3-4-5', '1.2.3-5-4'],
  ['1a1', '1a01'],
  ['1.10', '1.9'],
  ['99999999999999999998', '99999999999999999999'],
  ['9007199254740993', '9007199254740992'],
  ['1.0:1', '1.0:2'],
  ['0', '0~'],
  ['0a', '0'],
  ['1-a', '1-1'],
  ['1.2+dfsg-1', '1.2-1'],
  ['20250101', '1:0'],
];

describe('compareVersions', () => {
  it('agrees with dpkg on tricky pairs, both ways round', () => {
    const accepted = TRICKY.filter(pair => pair.every(isVersion));
    const pairs = [...accepted, ...accepted.map(([a, b]) => [b, a] as const)];
    expect(accepted.length).toBeGreaterThan(25);
    expect(pairs.map(([a, b]) => [a, b, Math.sign(compareVersions(a, b))])).toEqual(
      dpkgOrder(pairs).map((order, i) => [...pairs[i]!, order]),
    );
  });

  it('agrees with dpkg on generated pairs', { timeout: 60_000 }, () => {
    // Few characters, so that long common starts and near misses are frequent.
    const part = fc.array(fc.constantFrom(...'0019aAz.+~~'), { maxLength: 7 }).map(list => list.join(''));
    const version = fc
      .tuple(
        fc.constantFrom('', '', '0:', '1:', '00:'),
        part,
        fc.option(
          part.filter(text => text !== ''),
          { nil: undefined },
        ),
      )
      .map(
        ([epoch, upstream, revision]) =>
          `${epoch}0${upstream}${revision === undefined ? '' : `-${revision}`}`,
      );
    const mutated = fc
      .tuple(version, fc.constantFrom('~', '0', 'a', '.', '+', '1'))
      .map(([text, extra]) => [text, text + extra] as [string, string]);
    const pairs = fc.sample(fc.oneof(fc.tuple(version, version), mutated), 500);
    const ours = pairs.map(([a, b]) => [a, b, Math.sign(compareVersions(a, b))]);
    expect(ours).toEqual(dpkgOrder(pairs).map((order, i) => [...pairs[i]!, order]));
  });

  it('is a total order on any text', () => {
    const text = fc.oneof(
      fc.string({ maxLength: 8 }),
      fc.string({ unit: fc.constantFrom(...'01a~-:.'), maxLength: 6 }),
    );
    fc.assert(
      fc.property(text, text, text, (a, b, c) => {
        expect(Math.sign(compareVersions(a, b)) + Math.sign(compareVersions(b, a))).toBe(0);
        if (compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0)
          expect(compareVersions(a, c)).toBeLessThanOrEqual(0);
      }),
      { numRuns: 500 },
    );
  });
});

describe('parseVersion', () => {
  it.each([
    ['1.0', { epoch: '0', upstream: '1.0', revision: '' }],
    ['2:1.0-1', { epoch: '2', upstream: '1.0', revision: '1' }],
    ['1:1.2:3-4-5~a', { epoch: '1', upstream: '1.2:3-4', revision: '5~a' }],
    ['0-0', { epoch: '0', upstream: '0', revision: '0' }],
  ])('%s', (text, version) => {
    expect(parseVersion(text)).toEqual(version);
    expect(isVersion(text)).toBe(true);
  });

  it.each([
    ['', 'is empty'],
    ['1.0-', 'empty revision'],
    ['1:2-', 'empty revision'],
    ['1:', 'no upstream part'],
    [':1', 'epoch'],
    ['a:1', 'epoch'],
    ['-1:1', 'epoch'],
    ['2147483648:1', 'too large'],
    ['a1', 'begin with a digit'],
    ['-1', 'no upstream part'],
    ['1 2', 'not allowed'],
    ['1_2', 'not allowed'],
    ['1-2_3', 'not allowed'],
    ['1\n', 'not allowed'],
    ['1-é', 'not allowed'],
    ['1'.repeat(5000), 'too long'],
  ])('refuses %j', (text, reason) => {
    expect(() => parseVersion(text)).toThrow(FormatError);
    expect(() => parseVersion(text)).toThrow(reason);
    expect(isVersion(text)).toBe(false);
  });

  it('accepts what dpkg accepts', () => {
    const text = fc.string({ unit: fc.constantFrom(...'01a~-:.+_ '), minLength: 1, maxLength: 6 });
    const samples = fc
      .sample(text, 300)
      .map(sample => sample.trim())
      // dpkg reads the epoch by strtol(3), which takes a sign; deb-version(7) knows none.
      .filter(sample => sample !== '' && !sample.startsWith('+'));
    // A warning on stderr is how dpkg answers to a version it does not like.
    const script =
      'while read -r v; do if [ -z "$(dpkg --validate-version "$v" 2>&1)" ]; then echo ok; else echo no; fi; done';
    const output = execFileSync('sh', ['-c', script], {
      input: samples.map(sample => `${sample}\n`).join(''),
    });
    const answers = output.toString().trim().split('\n');
    expect(samples.map(sample => [sample, isVersion(sample)])).toEqual(
      samples.map((sample, i) => [sample, answers[i] === 'ok']),
    );
  });
});
