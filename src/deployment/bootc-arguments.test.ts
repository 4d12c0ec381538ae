import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FormatError } from '../errors/index.ts';
import { BOOTC_FILE_MAX_BYTES, parseBootcArguments } from './bootc-arguments.ts';

const read = (text: string, architecture = 'amd64') =>
  parseBootcArguments('10-x.toml', Buffer.from(text), architecture);

describe('kernel arguments in the files of bootc', () => {
  it('are the strings of a list, in its order', () => {
    const text =
      '# why\nkargs = [\n  "console=ttyS0,115200n8", # first\n  \'mitigations=auto,nosmt\',\n  "a b=\\"c d\\" e",\n]\n';
    expect(read(text)).toStrictEqual([
      ...['console=ttyS0,115200n8', 'mitigations=auto,nosmt', 'a', 'b="c d"', 'e'],
    ]);
  });

  it.each([
    ['amd64', ['on']],
    ['arm64', ['on']],
    ['riscv64', []],
  ])('are those for %s', (architecture, expected) => {
    const text = 'kargs = ["on"]\nmatch-architectures = ["x86_64", "aarch64"]\n';
    expect(read(text, architecture)).toStrictEqual(expected);
  });

  it.each([
    ['kargs = ["a"\nx', /^10-x\.toml: line 2, column 1: /],
    ['kargs = "quiet"', /10-x\.toml: kargs: it is no list of strings/],
    ['kargs = [1]', /10-x\.toml: kargs: it is no list of strings/],
    ['kargs = ["a=\\"b"]', /quotation mark/],
    ['match-architectures = ["x86_64"]', /10-x\.toml: kargs: it is missing/],
    ['kargs = []\nmatch_architectures = []', /match_architectures/],
    [`kargs = []\n#${'x'.repeat(BOOTC_FILE_MAX_BYTES)}`, /more than 65536 bytes/],
    [`kargs = ${'['.repeat(30_000)}`, /10-x\.toml/],
  ])('are refused with the place in %j', (text, message) => {
    expect(() => read(text)).toThrow(FormatError);
    expect(() => read(text)).toThrow(message);
  });

  it('are what was written, whatever it is', () => {
    const word = fc.stringMatching(/^[!#-~]+$/);
    fc.assert(
      fc.property(fc.array(word), words => {
        expect(read(`kargs = ${JSON.stringify(words)}\n`)).toStrictEqual(words);
      }),
    );
  });

  it('are never read out of bytes that are something else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
        try {
          parseBootcArguments('x.toml', Buffer.from(bytes), 'amd64');
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }),
    );
  });
});
