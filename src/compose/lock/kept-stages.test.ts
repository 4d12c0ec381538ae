import { describe, expect, it } from 'vitest';
import { type Lock, type LockedPackage, stageCount, stageOf, withKeptStages, withStagesOf } from './index.ts';

const BASE = { request: 'apt://trixie', digest: 'ab'.repeat(32) };

/** `a1 b1` are versions 1 of a and b. */
function lockOf(stages: readonly string[], more: Partial<Lock> = {}): Lock {
  const packages = stages.flatMap((text, index) =>
    text.split(' ').map(
      (one): LockedPackage => ({
        name: one.slice(0, 1),
        architecture: 'amd64',
        version: one.slice(1),
        sha256: Buffer.from(one).toString('hex').padStart(64, '0'),
        size: 1,
        uri: 'http://x/y',
        requested: true,
        ...(index > 0 && { stage: index + 1 }),
      }),
    ),
  );
  return { base: BASE, packages, ...more };
}

const stagesOf = (lock: Lock): string[] =>
  Array.from({ length: stageCount(lock) }, (_, index) =>
    lock.packages
      .filter(one => stageOf(one) === index + 1)
      .map(one => `${one.name}${one.version}`)
      .sort()
      .join(' '),
  );

describe('stages that are kept', () => {
  it.each<[string, string[], string, string[], string | undefined]>([
    ['what is new is one more', ['a1 b1'], 'a1 b1 c1 d1', ['a1 b1', 'c1 d1'], undefined],
    ['nothing new is none more', ['a1', 'b1'], 'a1 b1', ['a1', 'b1'], undefined],
    ['the last is gone', ['a1', 'b1', 'c1'], 'a1 b1', ['a1', 'b1'], 'c'],
    ['one in the middle is gone', ['a1', 'b1 c1', 'd1'], 'a1 b1 d1', ['a1', 'b1 d1'], 'c'],
    ['one of the first has changed', ['a1 b1', 'c1'], 'a2 b1 c1', ['a2 b1 c1'], 'a'],
    ['one changes and one comes', ['a1', 'b1'], 'a1 b2 c1', ['a1', 'b2 c1'], 'b'],
    ['all are gone', ['a1', 'b1'], '', [], 'a'],
  ])('%s', (_what, before, after, expected, because) => {
    const lock = after === '' ? { base: BASE, packages: [] } : lockOf([after]);
    const kept = withKeptStages(lockOf(before), lock);
    expect(stagesOf(kept.lock)).toEqual(expected);
    expect(kept.because?.package).toBe(because);
  });

  it('are none on another base or after other removals', () => {
    const before = lockOf(['a1', 'b1']);
    const other = lockOf(['a1 b1'], { base: { ...BASE, digest: 'cd'.repeat(32) } });
    expect(stagesOf(withKeptStages(before, other).lock)).toEqual(['a1 b1']);
    expect(stagesOf(withKeptStages(before, lockOf(['a1 b1'], { removed: ['z'] })).lock)).toEqual(['a1 b1']);
  });

  it('may have nothing but removals in the first', () => {
    const removed = ['z'];
    const before: Lock = { base: BASE, packages: [], removed };
    expect(stagesOf(withKeptStages(before, lockOf(['a1'], { removed })).lock)).toEqual(['', 'a1']);
  });

  it('are at most 64: then all are one', () => {
    const letters = Array.from({ length: 64 }, (_, index) => `${String.fromCharCode(65 + index)}1`);
    const before = lockOf(letters);
    const { lock } = withKeptStages(before, lockOf([[...letters, '!1'].join(' ')]));
    expect(stageCount(before)).toBe(64);
    expect(stageCount(lock)).toBe(1);
    expect(stageCount(withKeptStages(lockOf(letters.slice(1)), lockOf([letters.join(' ')])).lock)).toBe(64);
  });

  it('are those of a lock with the same packages, whatever was asked for', () => {
    const before = lockOf(['a1', 'b1']);
    expect(stagesOf(withStagesOf(before, lockOf(['a1 b1'])) as Lock)).toEqual(['a1', 'b1']);
    expect(withStagesOf(before, lockOf(['a1 b2']))).toBeUndefined();
    expect(withStagesOf(before, lockOf(['a1 b1 c1']))).toBeUndefined();
    expect(withStagesOf(before, lockOf(['a1']))).toBeUndefined();
  });
});
