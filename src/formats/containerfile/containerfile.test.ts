import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AptLayerError } from '../../errors/index.ts';
import { fromImages, isIgnored, movingImages, parseIgnore, verdictsOn } from './index.ts';

/** Whether a file of the context is left out, asked as a walk does: directory by directory. */
function leavesOut(text: string, path: string): boolean {
  const rules = parseIgnore(text, '.dockerignore');
  const parts = path.split('/');
  const verdicts = parts.reduce<readonly boolean[] | undefined>(
    (above, _, index) => verdictsOn(rules, parts.slice(0, index + 1).join('/'), above),
    undefined,
  );
  return isIgnored(rules, verdicts ?? []);
}

describe('an ignore file', () => {
  it.each([
    ['', 'a', false],
    ['a', 'a', true],
    ['a', 'b/a', false],
    ['/a', 'a', true],
    ['./a/', 'a/b/c', true],
    ['a/../b', 'b', true],
    ['*', '.hidden', true],
    ['*', 'a/b', true],
    ['*/b', 'a/b', true],
    ['*/b', 'b', false],
    ['*/b', 'a/a/b', false],
    ['**/b', 'b', true],
    ['**/b', 'a/a/b', true],
    ['**/b', 'ab', false],
    ['a/**', 'a', false],
    ['a/**', 'a/b/c', true],
    ['a/**/c', 'a/c', true],
    ['a/**/c', 'a/b/b/c', true],
    ['**', 'a', true],
    ['*.md', 'a/b.md', false],
    ['**/*.md', 'a/b.md', true],
    ['?.o', 'a.o', true],
    ['?.o', '/.o', false],
    ['[a-c]x', 'bx', true],
    ['[^a-c]x', 'bx', false],
    ['[^a-c]x', 'dx', true],
    ['a\\*', 'a*', true],
    ['a\\*', 'ab', false],
    ['a.b', 'aXb', false],
    ['# a\nb', '# a', false],
    [' a \r\n', 'a', true],
    ['\ufeffa', 'a', true],
    ['*\n!a', 'a', false],
    ['*\n!a', 'a/b', false],
    ['!a\n*', 'a', true],
    ['a\n!a/b', 'a/b', false],
    ['a\n!a/b', 'a/c', true],
    ['**/*.md\n! README.md', 'README.md', false],
    ['ü?', 'üä', true],
  ])('%j: %j is left out: %j', (text, path, expected) => {
    expect(leavesOut(text, path)).toBe(expected);
  });

  it.each(['a\n!', '[', '[a', 'a[b-', 'a\\', '[]'])('%j is refused with its line', text => {
    expect(() => parseIgnore(text, 'x/.dockerignore')).toThrow(/^x\/\.dockerignore:\d: /);
  });

  it('is read or refused, whatever it is, and in little time', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'a*?/[]!\\-^.# \n') }), fc.string(), (text, path) => {
        try {
          leavesOut(text, path);
        } catch (error) {
          expect(error).toBeInstanceOf(AptLayerError);
        }
      }),
    );
    // A regular expression of the same takes longer than anybody waits.
    expect(leavesOut(`${'**/*a'.repeat(40)}b`, `${'a/'.repeat(400)}c`)).toBe(false);
  });
});

describe('the images that a Containerfile is FROM', () => {
  it.each([
    ['FROM debian:13', ['debian:13']],
    ['from  --platform=linux/amd64 debian:13 AS one\nFROM one\nRUN x\nFROM scratch', ['debian:13']],
    [`# FROM x\nARG V=13\nFROM debian:\${V}`, ['debian:14']],
    [`ARG W=13\nFROM debian:$W\nFROM "debian:\${X:-12}"`, ['debian:13', 'debian:12']],
    ['ARG N\nFROM debian:$N', []],
    ['FROM \\\n  debian:13', ['debian:13']],
    ['RUN echo\nFROM debian:13\nFROM debian:13', ['debian:13']],
    ['FROM', []],
  ])('%j: %j', (text, expected) => {
    expect(fromImages(text, { V: '14' })).toEqual(expected);
  });

  it('may be others by now, unless they are of this machine or have a digest', () => {
    const text = 'FROM localhost/a\nFROM oci:/b\nFROM c@sha256:0\nFROM localhost:5000/d\nFROM e:1';
    expect(movingImages(text, {})).toEqual(['localhost:5000/d', 'e:1']);
  });

  it('are found in whatever it is', () => {
    fc.assert(fc.property(fc.string(), text => void fromImages(`FROM ${text}`, {})));
  });
});
