import fc from 'fast-check';
import parseExpression from 'spdx-expression-parse';
import { describe, expect, it } from 'vitest';
import { readCopyright } from './copyright.ts';
import { licenceOf } from './expression.ts';
import { spdxLicence } from './names.ts';

const FORMAT = 'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n';
const read = (text: string) => readCopyright(Buffer.from(text));
const expressionOf = (synopsis: string) => licenceOf(synopsis, () => undefined).expression;

describe('names', () => {
  it.each([
    ['GPL-2+', 'GPL-2.0-or-later'],
    ['gpl-3', 'GPL-3.0-only'],
    ['LGPL-2.1+', 'LGPL-2.1-or-later'],
    ['GPL-2.0-only', 'GPL-2.0-only'],
    ['GFDL-NIV-1.3+', 'GFDL-1.3-no-invariants-or-later'],
    ['Expat', 'MIT'],
    ['Apache-2', 'Apache-2.0'],
    ['Apache-2.0+', 'Apache-2.0+'],
    ['BSD-3-clause', 'BSD-3-Clause'],
    ['CC-BY-SA-4', 'CC-BY-SA-4.0'],
    ['GPL', undefined],
    ['GPL-9', undefined],
    ['BSD', undefined],
    ['public-domain', undefined],
    ['', undefined],
    ['__proto__', undefined],
    ['constructor', undefined],
  ])('%s is %s', (name, id) => {
    expect(spdxLicence(name)).toBe(id);
  });
});

describe('a synopsis', () => {
  it.each([
    ['GPL-1+ or Artistic', 'GPL-1.0-or-later OR Artistic-1.0'],
    ['GPL-2+ or Expat and ISC', 'GPL-2.0-or-later OR MIT AND ISC'],
    ['GPL-2+ or Expat, and ISC', '(GPL-2.0-or-later OR MIT) AND ISC'],
    ['Expat, or GPL-2+', 'MIT OR GPL-2.0-or-later'],
  ])('%s is %s', (synopsis, expression) => {
    expect(expressionOf(synopsis)).toBe(expression);
  });

  it.each([
    'GPL-2+ with OpenSSL exception',
    'and',
    'GPL-2+ and',
    'see the file COPYING',
    'a | b',
    ') OR (MIT',
    '💥',
  ])('%s is a licence of its own', synopsis => {
    const { expression, others } = licenceOf(synopsis, () => 'its text');
    expect(expression).toMatch(/^LicenseRef-[A-Za-z0-9.-]+$/);
    expect(others).toEqual([{ id: expression, name: synopsis, text: 'its text' }]);
  });

  it('of the same name with another text is another licence', () => {
    const one = licenceOf('custom', () => 'a');
    expect(licenceOf('custom', () => 'a')).toEqual(one);
    expect(licenceOf('custom', () => 'b').expression).not.toBe(one.expression);
  });

  it('of any kind gives an expression of SPDX', () => {
    const words = fc.constantFrom(
      'GPL-2+',
      'Expat',
      'and',
      'or',
      ',',
      'with',
      'exception',
      '(',
      ')',
      'custom',
      '+',
      '-',
    );
    const synopsis = fc.oneof(
      fc.array(words, { minLength: 1 }).map(list => list.join(' ').replaceAll(' ,', ',')),
      fc.string({ minLength: 1 }),
    );
    fc.assert(
      fc.property(synopsis, text => {
        const { expression, others } = licenceOf(text, () => undefined);
        expect(() => parseExpression(expression)).not.toThrow();
        for (const { id } of others) expect(expression).toContain(id);
      }),
      { numRuns: 500 },
    );
  });
});

describe('a copyright file', () => {
  it('is under all licences that its files are under, with the texts that SPDX has not', () => {
    const text = `${FORMAT}Upstream-Name: x

Files: *
Copyright: 2020 A
License: GPL-2+ or Expat

# a comment
Files: lib/*
Copyright: 2020 B
License: odd
 You may do
 .
 what you want.

Files: doc/*
Copyright: 2020 B
License: GPL-2+ or Expat

License: GPL-2+
 On Debian systems ...
`;
    const licence = read(text);
    expect(licence?.expression).toMatch(/^\(GPL-2\.0-or-later OR MIT\) AND LicenseRef-odd-[0-9a-f]{12}$/);
    expect(licence?.others).toMatchObject([{ name: 'odd', text: 'You may do\n\nwhat you want.' }]);
  });

  it('takes the text of a paragraph about the licence alone', () => {
    const text = `${FORMAT}\nFiles: *\nLicense: Odd\n\nLicense: odd\n The text.\n`;
    expect(read(text)?.others).toMatchObject([{ name: 'Odd', text: 'The text.' }]);
  });

  it('without paragraphs of files has the licence of its header', () => {
    expect(read(`${FORMAT}License: Expat\n`)?.expression).toBe('MIT');
  });

  it.each([
    ['is other text', 'This is free software.\n'],
    ['is empty', ''],
    ['has another format', 'Format: 7\n\nFiles: *\nLicense: Expat\n'],
    [
      'does not say the licence of some files',
      `${FORMAT}\nFiles: *\nLicense: Expat\n\nFiles: a\nCopyright: me\n`,
    ],
    ['has a licence without a name', `${FORMAT}\nFiles: *\nLicense:\n text\n`],
    ['says nothing of licences', FORMAT],
    ['is damaged', `${FORMAT}\nFiles: *\nLicense: Expat\nLicense: ISC\n`],
    ['has a NUL', `${FORMAT}\nFiles: *\nLicense: Expat\n\0`],
    [
      'has too many',
      `${FORMAT}${Array.from({ length: 501 }, (_, n) => `\nFiles: ${n}\nLicense: l${n}\n`).join('')}`,
    ],
  ])('asserts nothing when it %s', (_, text) => {
    expect(read(text)).toBeUndefined();
  });

  it('of random bytes asserts nothing, and does no harm', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (bytes, begins) => {
        const text = Buffer.concat([Buffer.from(begins ? `${FORMAT}\nFiles: *\nLicense: ` : ''), bytes]);
        const licence = readCopyright(text);
        if (licence !== undefined) expect(() => parseExpression(licence.expression)).not.toThrow();
      }),
    );
  });

  it('that is long is read in time', () => {
    const long = `${'a '.repeat(500_000)}and or , with (`;
    const licence = read(`${FORMAT}\nFiles: *\nLicense: ${long}\n`);
    expect(licence?.expression).toMatch(/^LicenseRef-/);
  });
});
