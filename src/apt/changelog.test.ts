import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changelogText, parseChangelog } from './changelog.ts';

const entry = (version: string, text: string, suite = 'unstable') =>
  `vim (${version}) ${suite}; urgency=medium\n\n  * ${text}\n\n -- A B <a@example.org>  Mon, 01 Jan 2024 00:00:00 +0000\n\n`;
const TEXT = entry('3', 'third') + entry('2', 'second', 'trixie-security') + entry('1', 'first');

const parse = (text: string, after: string, upTo: string) =>
  parseChangelog({ text, truncated: false }, { after, upTo });
const versions = (text: string, after: string, upTo: string) =>
  parse(text, after, upTo).entries.map(one => one.version);

describe('parseChangelog', () => {
  it.each([
    ['0', '3', ['3', '2', '1']],
    ['1', '3', ['3', '2']],
    ['1', '2', ['2']],
    ['1', '2~rc1', []],
    ['3', '4', []],
  ])('after %s up to %s', (after, upTo, expected) => {
    expect(versions(TEXT, after, upTo)).toEqual(expected);
  });

  it('reads head and foot', () => {
    expect(parse(TEXT, '1', '2').entries).toEqual([
      {
        version: '2',
        distributions: 'trixie-security',
        urgency: 'medium',
        text: '  * second',
        author: 'A B <a@example.org>',
        date: 'Mon, 01 Jan 2024 00:00:00 +0000',
      },
    ]);
  });

  it('stops at the first entry that is not newer, and says when there was more', () => {
    expect(parse(`${TEXT}${entry('9', 'out of order')}`, '2', '9').entries.map(one => one.version)).toEqual([
      '3',
    ]);
    expect(
      parseChangelog({ text: entry('3', 'x'), truncated: true }, { after: '1', upTo: '3' }),
    ).toMatchObject({
      truncated: true,
    });
    const many = Array.from({ length: 300 }, (_, index) => entry(`${900 - index}`, 'x')).join('');
    const read = parse(many, '0', '900');
    expect(read.entries).toHaveLength(200);
    expect(read.truncated).toBe(true);
  });

  it('keeps an entry without a foot, and passes over what is none', () => {
    expect(versions(`# comment\n\n${entry('2', 'x').split(' -- ')[0]}${entry('1', 'y')}`, '0', '9')).toEqual([
      '2',
      '1',
    ]);
    expect(versions('Version 1.0\n  not debian\n', '0', '9')).toEqual([]);
  });

  it('bounds the text of one entry', () => {
    const long = `vim (2) sid; urgency=low\n${`  ${'x'.repeat(1000)}\n`.repeat(1000)}`;
    expect(parse(long, '1', '2').entries[0]?.text.length).toBeLessThan(70_000);
  });

  it('takes any text', () => {
    const words = fc.constantFrom('vim (2) sid; urgency=low\n', ' -- A  B\n', '\n', '  * x\n', '(', ';', ' ');
    fc.assert(
      fc.property(fc.array(fc.oneof(words, fc.string()), { maxLength: 40 }), parts => {
        const read = parse(parts.join(''), '1', '2');
        for (const { version } of read.entries) expect(version).toBe('2');
      }),
    );
  });
});

describe('changelogText', () => {
  it('unpacks, or takes as it is', async () => {
    expect(await changelogText(gzipSync(TEXT))).toEqual({ text: TEXT, truncated: false });
    expect(await changelogText(Buffer.from(TEXT))).toEqual({ text: TEXT, truncated: false });
  });

  it('never unpacks more than is asked for', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000, 'x'));
    const { text, truncated } = await changelogText(bomb, 1000);
    expect(text).toHaveLength(1000);
    expect(truncated).toBe(true);
  });

  it('takes what comes before damage, and refuses what is damaged from the start', async () => {
    const whole = gzipSync(Buffer.from(TEXT.repeat(2000)), { level: 0 });
    const { text, truncated } = await changelogText(whole.subarray(0, whole.length - 1000));
    expect(text.startsWith(TEXT)).toBe(true);
    expect(truncated).toBe(true);
    const damaged = Buffer.concat([Buffer.from([0x1f, 0x8b]), Buffer.from('no gzip at all')]);
    await expect(changelogText(damaged)).rejects.toMatchObject({ code: 'FORMAT' });
  });

  it('takes any bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.boolean(), async (bytes, gzip) => {
        const data = gzip
          ? Buffer.concat([gzipSync(TEXT).subarray(0, 12), Buffer.from(bytes)])
          : Buffer.from(bytes);
        const result = await changelogText(data, 500).catch((error: unknown) => error);
        if (result instanceof Error) expect(result).toMatchObject({ code: 'FORMAT' });
        else expect(Buffer.byteLength((result as { text: string }).text)).toBeLessThanOrEqual(1500);
      }),
    );
  });
});
