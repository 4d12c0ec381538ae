import type { Buffer } from 'node:buffer';
import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FormatError } from '../../errors/index.ts';
import { type ByteString, fromText } from '../bytes/index.ts';
import {
  fieldLines,
  fieldValue,
  isArchitecture,
  isPackageName,
  joinFieldLines,
  parseConffiles,
  parseDescription,
  parseRelations,
  parseStanzas,
  parseWords,
  type Relation,
  serializeConffiles,
  serializeRelations,
} from './index.ts';

const FIELDS = [
  'Pre-Depends',
  'Depends',
  'Recommends',
  'Suggests',
  'Breaks',
  'Conflicts',
  'Replaces',
  'Provides',
  'Enhances',
];

describe('parseRelations', () => {
  it.each<[string, Relation[][]]>([
    ['', []],
    ['  \n ', []],
    ['a', [[{ name: 'a' }]]],
    ['a, b|c ,d', [[{ name: 'a' }], [{ name: 'b' }, { name: 'c' }], [{ name: 'd' }]]],
    [
      'libc6 (>= 2.36-9+deb12u1~)',
      [[{ name: 'libc6', version: { operator: '>=', version: '2.36-9+deb12u1~' } }]],
    ],
    [
      'a(=1:2),\n b (<<3 )',
      [
        [{ name: 'a', version: { operator: '=', version: '1:2' } }],
        [{ name: 'b', version: { operator: '<<', version: '3' } }],
      ],
    ],
    [
      'a (< 1), b (> 1)',
      [
        [{ name: 'a', version: { operator: '<=', version: '1' } }],
        [{ name: 'b', version: { operator: '>=', version: '1' } }],
      ],
    ],
    [
      'python3:any (>= 3.9)',
      [[{ name: 'python3', architectureQualifier: 'any', version: { operator: '>=', version: '3.9' } }]],
    ],
    ['libc6:i386', [[{ name: 'libc6', architectureQualifier: 'i386' }]]],
    [
      'a [amd64 !linux-any]',
      [
        [
          {
            name: 'a',
            architectures: [
              { negated: false, name: 'amd64' },
              { negated: true, name: 'linux-any' },
            ],
          },
        ],
      ],
    ],
    [
      'a <!nocheck !cross> <stage1>',
      [
        [
          {
            name: 'a',
            profiles: [
              [
                { negated: true, name: 'nocheck' },
                { negated: true, name: 'cross' },
              ],
              [{ negated: false, name: 'stage1' }],
            ],
          },
        ],
      ],
    ],
    ['Some_Name.x', [[{ name: 'Some_Name.x' }]]],
  ])('reads %j', (text, expected) => {
    const relations = parseRelations(text);
    expect(relations).toEqual(expected);
    expect(parseRelations(serializeRelations(relations))).toEqual(expected);
  });

  it.each([
    [',', 1],
    ['a,', 3],
    ['a,,b', 3],
    ['a |', 4],
    ['a b', 3],
    ['a (1)', 4],
    ['a (>=)', 6],
    ['a (>= 1', 8],
    ['a (>= 1 2)', 9],
    ['a (=> 1)', 5],
    ['a []', 5],
    ['a [amd64', 9],
    ['a <', 4],
    ['a:', 2],
    ['a:ANY', 2],
    ['-a', 1],
    ['\x24{shlibs:Depends}', 1],
    ['a (>= 1) (<< 2)', 10],
    ['\xe9', 1],
  ])('refuses %j at column %i', (text, column) => {
    let error: unknown;
    try {
      parseRelations(text);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(FormatError);
    expect((error as FormatError).position).toEqual({ column });
  });

  it.skipIf(!existsSync('/var/lib/dpkg/status'))(
    'agrees with dpkg on how every relation of this host is written',
    () => {
      let count = 0;
      for (const stanza of parseStanzas(readFileSync('/var/lib/dpkg/status'))) {
        for (const field of FIELDS) {
          const value = fieldValue(stanza, field);
          if (value === undefined) continue;
          count += 1;
          expect(serializeRelations(parseRelations(value))).toBe(value);
        }
      }
      expect(count).toBeGreaterThan(50);
    },
  );

  it('never does anything but parse or refuse', () => {
    const text = fc.oneof(
      fc.string({ maxLength: 30 }),
      fc.string({ unit: fc.constantFrom(...'ab1 ,|()<>[]!:=~\n'), maxLength: 20 }),
    );
    fc.assert(
      fc.property(text, input => {
        try {
          const relations = parseRelations(input);
          expect(parseRelations(serializeRelations(relations))).toEqual(relations);
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('names', () => {
  it.each(['libc6', 'g++', '0ad', 'libstdc++6', 'a.b-c+d', 'ab'])('%s is a package name', text => {
    expect(isPackageName(text)).toBe(true);
  });

  it.each([
    '',
    'a',
    'A',
    'Ab',
    '-ab',
    '+ab',
    'a_b',
    'a b',
    'ab\n',
    '../ab',
    'a/b',
    'é1',
    'a'.repeat(256),
    '--option',
  ])('%j is none', text => {
    expect(isPackageName(text)).toBe(false);
  });

  it('of architectures', () => {
    for (const text of ['amd64', 'all', 'any', 'linux-any', 'x32']) expect(isArchitecture(text)).toBe(true);
    for (const text of ['', '-a', 'AMD64', 'a/b', 'a b', 'amd64\n', '..'])
      expect(isArchitecture(text)).toBe(false);
  });
});

describe('values of several lines', () => {
  it('come apart and together', () => {
    const lines = [fromText('a b'), fromText(' c')];
    expect(joinFieldLines(lines)).toBe('\n a b\n  c');
    expect(fieldLines(joinFieldLines(lines))).toEqual(lines);
    expect(fieldLines(fromText('x'))).toEqual([]);
    expect(joinFieldLines([])).toBe('');
  });

  it('as a description', () => {
    expect(parseDescription(fromText('short\n long\n .\n  verbatim'))).toEqual({
      summary: 'short',
      lines: ['long', '', ' verbatim'],
    });
  });

  it('as words', () => {
    expect(parseWords(fromText('a  b\n c\t'))).toEqual(['a', 'b', 'c']);
    expect(parseWords(fromText(''))).toEqual([]);
  });
});

describe('conffiles', () => {
  const MD5 = '0123456789abcdef0123456789abcdef';

  it('have flags and paths with blanks', () => {
    const value = fromText(
      `\n /etc/a b ${MD5}\n /etc/c newconffile remove-on-upgrade\n /etc/d ${MD5} obsolete remove-on-upgrade`,
    );
    const conffiles = parseConffiles(value, 4);
    expect(conffiles).toEqual([
      { path: '/etc/a b', hash: MD5, obsolete: false, removeOnUpgrade: false },
      { path: '/etc/c', hash: 'newconffile', obsolete: false, removeOnUpgrade: true },
      { path: '/etc/d', hash: MD5, obsolete: true, removeOnUpgrade: true },
    ]);
    expect(serializeConffiles(conffiles)).toBe(value);
  });

  it.each(['/etc/a', `etc/a ${MD5}`, `/etc/a ${MD5.slice(1)}`, `/etc/a ${MD5} other`, ''])(
    'refuse %j',
    line => {
      expect(() => parseConffiles(`\n /ok ${MD5}\n ${line}` as ByteString, 4)).toThrow(
        'line 6: not a Conffiles entry',
      );
    },
  );

  it.skipIf(!existsSync('/var/lib/dpkg/status'))('of this host come back as they were', () => {
    let count = 0;
    for (const { fields } of parseStanzas(readFileSync('/var/lib/dpkg/status') as Buffer)) {
      const field = fields.get('conffiles');
      if (field === undefined) continue;
      count += 1;
      expect(serializeConffiles(parseConffiles(field.value, field.line))).toBe(field.value);
    }
    expect(count).toBeGreaterThan(5);
  });
});
