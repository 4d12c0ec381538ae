import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createStyle,
  displayWidth,
  fields,
  formatAge,
  formatCount,
  formatDate,
  formatDuration,
  formatSize,
  plainStyle,
  table,
  truncate,
  wrap,
} from './index.ts';

const color = createStyle({ color: true, columns: 40 });

describe('quantities', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [9949, '9.9 kB'],
    [9950, '10 kB'],
    [999_499, '999 kB'],
    [999_500, '1.0 MB'],
    [23_700_000, '24 MB'],
    [4.2e12, '4.2 TB'],
    [7e18, '7000 PB'],
  ])('size %d', (size, expected) => expect(formatSize(size)).toBe(expected));

  it.each([
    [0.4, '0 ms'],
    [999, '999 ms'],
    [999.6, '1.0 s'],
    [59_949, '59.9 s'],
    [59_999, '1 min 0 s'],
    [125_000, '2 min 5 s'],
    [3_599_600, '1 h 0 min'],
    [3_840_000, '1 h 4 min'],
  ])('duration %d', (ms, expected) => expect(formatDuration(ms)).toBe(expected));

  it.each([
    [5, 'just now'],
    [60, '1 minute ago'],
    [7199, '1 hour ago'],
    [86_400 * 2, '2 days ago'],
    [86_400 * 800, '2 years ago'],
    [-7200, 'in 2 hours'],
  ])('age %d s', (seconds, expected) => {
    const then = new Date(1_700_000_000_000);
    expect(formatAge(then, new Date(then.getTime() + seconds * 1000))).toBe(expected);
  });

  it('dates and counts', () => {
    expect(formatDate(new Date(1_738_074_622_999))).toBe('2025-01-28 14:30:22Z');
    expect([0, 1, 2].map(count => formatCount(count, 'package'))).toEqual([
      '0 packages',
      '1 package',
      '2 packages',
    ]);
    expect(formatCount(2, 'entry', 'entries')).toBe('2 entries');
  });
});

describe('width', () => {
  it.each([
    ['', 0],
    ['abc', 3],
    ['日本', 4],
    ['e\u0301', 1],
    ['😀', 2],
    [color.bold('abc'), 3],
  ])('of %j', (text, width) => expect(displayWidth(text)).toBe(width));

  it('truncate keeps within it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 0, max: 30 }), (text, columns) => {
        expect(displayWidth(truncate(text, columns))).toBeLessThanOrEqual(columns);
      }),
    );
    expect(truncate('abcdef', 4)).toBe('abc…');
  });

  it('wrap loses no word', () => {
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[a-z]{1,12}$/)),
        fc.integer({ min: 1, max: 40 }),
        (words, columns) => {
          const lines = wrap(words.join(' '), columns);
          expect(lines.join(' ').split(' ').filter(Boolean)).toEqual(words);
          for (const line of lines) if (line.includes(' ')) expect(line.length).toBeLessThanOrEqual(columns);
        },
      ),
    );
  });
});

describe('table', () => {
  const columns = [
    { title: 'NAME', shrinks: true },
    { title: 'SIZE', align: 'right' },
  ] as const;
  it('aligns its columns', () =>
    expect(
      table(
        columns,
        [
          ['vim', '1 kB'],
          ['日本', '24 kB'],
        ],
        plainStyle,
      ),
    ).toBe('NAME   SIZE\nvim    1 kB\n日本  24 kB\n'));
  it('shrinks one column to the terminal', () => {
    const text = table(columns, [['x'.repeat(100), '1 kB']], color);
    for (const line of text.trimEnd().split('\n')) expect(displayWidth(line)).toBeLessThanOrEqual(40);
    expect(text).toContain('x…');
  });
  it('is nothing without rows', () => expect(table(columns, [], plainStyle)).toBe(''));
});

describe('fields', () => {
  it('aligns keys and leaves out what is not there', () =>
    expect(
      fields(
        [
          ['Version', '1.0'],
          ['Digest', undefined],
          ['Layers', []],
          ['Note', 'two\nlines'],
        ],
        plainStyle,
      ),
    ).toBe('Version: 1.0\n   Note: two\n         lines\n'));
  it('wraps lists', () => {
    const text = fields([['Packages', Array.from({ length: 20 }, (_, i) => `package${i}`)]], color);
    for (const line of text.trimEnd().split('\n')) expect(displayWidth(line)).toBeLessThanOrEqual(40);
  });
});
