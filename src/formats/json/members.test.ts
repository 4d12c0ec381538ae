import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FormatError } from '../../errors/index.ts';
import { memberScanner } from './index.ts';

const options = (depth: number) => ({ name: 'text', depth, maxBytes: 1000 });

/** Scans a text that comes in pieces of this size. */
function scan(text: string | Buffer, depth: number, pieceBytes = 1_000_000) {
  const scanner = memberScanner(options(depth));
  const bytes = Buffer.from(text);
  const found = [];
  for (let at = 0; at < bytes.length; at += pieceBytes)
    found.push(...scanner.push(bytes.subarray(at, at + pieceBytes)));
  scanner.end();
  return found.map(({ path, value }) => [path.join('/'), value]);
}

/** What JSON.parse makes of the same. */
function members(value: unknown, depth: number, path: readonly string[] = []): unknown[] {
  if (depth === 0) return [[path.join('/'), value]];
  return Object.entries(value as object).flatMap(([key, one]) => members(one, depth - 1, [...path, key]));
}

const object = (inner: fc.Arbitrary<unknown>) => fc.dictionary(fc.string(), inner, { maxKeys: 4 });

describe('members of a JSON text', () => {
  it('are what JSON.parse makes of it, however it comes', () => {
    // Keys like numbers are sorted by JSON.parse, and __proto__ is a key like any other here.
    const plain = fc.jsonValue({ maxDepth: 2 });
    const nested = object(object(plain)).filter(one => !/"(?:\d+|__proto__)":/.test(JSON.stringify(one)));
    fc.assert(
      fc.property(
        nested,
        fc.integer({ min: 1, max: 40 }),
        fc.constantFrom(0, 2),
        (value, pieceBytes, indent) => {
          const text = JSON.stringify(value, null, indent);
          if (text.length < 900) expect(scan(text, 2, pieceBytes)).toEqual(members(JSON.parse(text), 2));
        },
      ),
    );
  });

  it('are values one after the other at depth 0', () => {
    expect(scan('{"a":1}\n{"a":[2,"}"]} {"b":"\\"{"}', 0, 3)).toEqual([
      ['', { a: 1 }],
      ['', { a: [2, '}'] }],
      ['', { b: '"{' }],
    ]);
  });

  it('are FormatErrors or values, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.constantFrom(0, 1, 2), (bytes, depth) => {
        try {
          scan(Buffer.from(bytes), depth, 7);
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }),
    );
  });

  it.each([
    ['', 2, /offset 0: it ends too early/],
    ['{"a": {"b": 1', 2, /it ends too early/],
    ['{"a": {"b": {}}', 2, /offset 15: it ends too early/],
    ['{"a": []}', 2, /offset 6: the value of a is no object/],
    ['{"a": {"b": {]}}', 2, /offset 12: the value of a\/b is no JSON/],
    ['{"a": {"b" {}}}', 2, /a colon is expected/],
    ['{"a": {} "b": {}}', 2, /a comma or a closing brace is expected/],
    ['{"a": {}} x', 2, /there is something behind its end/],
    ['{"a": {"b": }}', 2, /a value is expected/],
    [`{"a": {"b": "${'x'.repeat(2000)}"}}`, 2, /the value of a\/b is longer than 1000 bytes/],
    ['12', 0, /no object/],
    ['{"a"', 0, /it ends too early/],
  ])('%j is refused', (text, depth, message) => {
    for (const pieceBytes of [1, 5, 10_000]) {
      expect(() => scan(text, depth, pieceBytes)).toThrow(FormatError);
      expect(() => scan(text, depth, pieceBytes)).toThrow(message);
    }
  });
});
