import { Buffer } from 'node:buffer';
import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FormatError } from '../../errors/index.ts';
import { type ByteString, fromBuffer, fromText } from '../bytes/index.ts';
import {
  createStanzaParser,
  type FieldPair,
  fieldPairs,
  fieldValue,
  parseStanza,
  parseStanzas,
  requiredValue,
  type Stanza,
  type StanzaOptions,
  serializeStanza,
} from './index.ts';

const parse = (text: string, options?: StanzaOptions) => [
  ...parseStanzas(Buffer.from(text, 'latin1'), options),
];
const pairs = (text: string, options?: StanzaOptions) => parse(text, options).map(fieldPairs);

describe('parseStanzas', () => {
  it.each<[string, string, readonly (readonly [string, string])[][]]>([
    ['nothing', '', []],
    ['empty lines', '\n\n\n', []],
    ['one field', 'A: b\n', [[['A', 'b']]]],
    ['no newline at the end', 'A: b', [[['A', 'b']]]],
    [
      'an empty value',
      'A:\nB: \n',
      [
        [
          ['A', ''],
          ['B', ''],
        ],
      ],
    ],
    ['blanks around a value', 'A:\t b c \t\n', [[['A', 'b c']]]],
    ['no blank before a value', 'A:b\n', [[['A', 'b']]]],
    ['colons in a value', 'A: b: c:d\n', [[['A', 'b: c:d']]]],
    ['blanks before the colon', 'A : b\n', [[['A', 'b']]]],
    ['continued lines', 'A: b\n c\n\td \n .\n', [[['A', 'b\n c\n\td \n .']]]],
    [
      'continued lines only',
      'A: \n b\nC: d\n',
      [
        [
          ['A', '\n b'],
          ['C', 'd'],
        ],
      ],
    ],
    [
      'several stanzas',
      '\nA: b\n\n\n\nA: c\nD: e\n\n',
      [
        [['A', 'b']],
        [
          ['A', 'c'],
          ['D', 'e'],
        ],
      ],
    ],
    ['hashes that are no comments', 'A: #b\n #c\n', [[['A', '#b\n #c']]]],
    ['bytes that are not UTF-8', 'A: \xe9\xff\n', [[['A', '\xe9\xff']]]],
    [
      'carriage returns at the end of a value',
      'A: b\r\nC: d\r\n',
      [
        [
          ['A', 'b'],
          ['C', 'd'],
        ],
      ],
    ],
  ])('reads %s', (_, text, expected) => {
    expect(pairs(text)).toEqual(expected);
  });

  it('gives fields by any case, with lines', () => {
    const [stanza] = parse('\n\nPackage: a\nDescription: b\n c\nVERSION: 1\n');
    expect(stanza!.line).toBe(3);
    expect(fieldValue(stanza!, 'package')).toBe('a');
    expect(fieldValue(stanza!, 'Version')).toBe('1');
    expect(fieldValue(stanza!, 'Depends')).toBeUndefined();
    expect([...stanza!.fields.values()].map(({ name, line }) => [name, line])).toEqual([
      ['Package', 3],
      ['Description', 4],
      ['VERSION', 6],
    ]);
  });

  it('takes comments out where they are allowed', () => {
    const text = '# first\n\n# second\nA: b\n# in\n# between\n c\n#end\nD: e\n# last\n\n# alone\n';
    expect(pairs(text, { comments: true })).toEqual([
      [
        ['A', 'b\n c'],
        ['D', 'e'],
      ],
    ]);
    expect(parse(text, { comments: true })[0]!.line).toBe(4);
    expect(() => parse(text)).toThrow(/line 1: # first|line 1: no field name/);
  });

  it('gives only the fields asked for', () => {
    const text = 'A: b\nC: d\n e\nF: g\n\nC: h\n';
    expect(pairs(text, { only: ['a', 'F'] })).toEqual([
      [
        ['A', 'b'],
        ['F', 'g'],
      ],
      [],
    ]);
  });

  it.each<[string, string, string]>([
    ['a repeated field', 'A: b\nC: d\na: e\n', 'line 3: field a a second time'],
    ['a line without a colon', 'A: b\nnothing\nB: c\n', 'line 2: no field name and colon: nothing'],
    ['a continued line first', ' A: b\n', 'line 1: a continued line'],
    ['a continued line behind an empty one', 'A: b\n\n c\n', 'line 3: a continued line'],
    ['a line of blanks', 'A: b\n \t\nC: d\n', 'line 2: a line of blanks only'],
    ['a line of blanks at the end', 'A: b\n \n', 'line 2: a line of blanks only'],
    ['an empty name', ': b\n', 'line 1:  is not a field name'],
    ['a blank in a name', 'A b: c\n', 'line 1: A b is not a field name'],
    ['a name that begins with a hyphen', '-A: b\n', 'line 1: -A is not a field name'],
    ['a name beyond ASCII', 'Ä: b\n', 'is not a field name'],
    ['an endless name', `${'A'.repeat(300)}: b\n`, 'is not a field name'],
    ['a comment where none are', '#A: b\n', 'line 1: #A is not a field name'],
    ['a NUL', 'A: b\n\nA: \0\n', 'line 3: a NUL'],
    ['line ends of DOS', 'A: b\r\n\r\nC: d\r\n', 'line 2'],
  ])('refuses %s', (_, text, message) => {
    expect(() => parse(text)).toThrow(FormatError);
    expect(() => parse(text)).toThrow(message);
  });

  it('gives what comes before an error', () => {
    const stanzas = parseStanzas(Buffer.from('A: b\n\n!!!\n'));
    expect(stanzas.next().value).toMatchObject({ line: 1 });
    expect(() => stanzas.next()).toThrow('line 3');
  });
});

describe('parseStanza', () => {
  it('wants exactly one', () => {
    expect(fieldPairs(parseStanza(Buffer.from('\nA: b\n\n')))).toEqual([['A', 'b']]);
    expect(() => parseStanza(Buffer.from('\n'))).toThrow('no fields');
    expect(() => parseStanza(Buffer.from('A: b\n\nA: c\n'))).toThrow('line 3: a second stanza');
  });

  it('has required values', () => {
    const stanza = parseStanza(Buffer.from('A: b\nC:\n'));
    expect(requiredValue(stanza, 'a')).toBe('b');
    expect(() => requiredValue(stanza, 'C')).toThrow('line 2: field C is empty');
    expect(() => requiredValue(stanza, 'D')).toThrow('line 1: no field D');
  });
});

const name = fc
  .array(fc.constantFrom(...'abAB19-_.+/#'), { minLength: 1, maxLength: 8 })
  .map(letters => letters.join(''))
  .filter(text => !/^[-#]/.test(text));
const lineText = fc
  .uint8Array({ minLength: 1, maxLength: 12 })
  .map(array => fromBuffer(Buffer.from(array)).replace(/[\0\n\r]/g, '.'))
  .filter(text => !/^[ \t]*$/.test(text));
const value = fc
  .tuple(
    fc.option(lineText, { nil: '' }),
    fc.array(fc.tuple(fc.constantFrom(' ', '\t', '  '), lineText), { maxLength: 3 }),
  )
  .map(([first, rest]) => {
    const whole = [first.replace(/^[ \t]+/, ''), ...rest.map(([blank, text]) => blank + text)].join('\n');
    return whole.replace(/[ \t]+$/, '') as ByteString;
  });
const stanza = fc.uniqueArray(fc.tuple(name, value), {
  minLength: 1,
  maxLength: 5,
  selector: ([key]) => key.toLowerCase(),
});

describe('parse(serialize(x))', () => {
  it('is x', () => {
    fc.assert(
      fc.property(fc.array(stanza, { maxLength: 4 }), stanzas => {
        const text = stanzas.map(serializeStanza).join('\n');
        expect(pairs(text)).toEqual(stanzas);
      }),
    );
  });

  it('is x in chunks of any size, in memory that is used again', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.array(stanza, { maxLength: 4 }), sizes, (stanzas, pieces) => {
        const text = Buffer.from(stanzas.map(serializeStanza).join('\n\n'), 'latin1');
        const read: Stanza[] = [];
        const parser = createStanzaParser(found => read.push(found));
        for (let at = 0, i = 0; at < text.length; i++) {
          const piece = Buffer.from(text.subarray(at, at + pieces[i % pieces.length]!));
          parser.write(piece);
          at += piece.length;
          piece.fill(0x2a);
        }
        parser.end();
        expect(read).toEqual([...parseStanzas(text)]);
        expect(read.map(fieldPairs)).toEqual(stanzas);
      }),
    );
  });

  it.skipIf(!existsSync('/var/lib/dpkg/status'))('is the status file of this host, byte for byte', () => {
    const status = readFileSync('/var/lib/dpkg/status');
    const text = [...parseStanzas(status)].map(found => `${serializeStanza(fieldPairs(found))}\n`).join('');
    expect(Buffer.from(text, 'latin1').equals(status)).toBe(true);
  });
});

describe('serializeStanza', () => {
  const write = (...fields: [string, string][]) => serializeStanza(fields as unknown as FieldPair[]);

  it('writes as dpkg does', () => {
    expect(write(['Package', 'a'], ['Conffiles', '\n /etc/a 0'], ['Empty', ''])).toBe(
      'Package: a\nConffiles:\n /etc/a 0\nEmpty:\n',
    );
  });

  it.each<[string, string, string]>([
    ['a name with a colon', 'A:', 'b'],
    ['a name with a newline', 'A\nB', 'b'],
    ['an empty name', '', 'b'],
    ['a line without its blank', 'A', 'b\nC: d'],
    ['an empty line', 'A', 'b\n\n c'],
    ['a line of blanks', 'A', 'b\n \n c'],
    ['a newline at the end', 'A', 'b\n'],
    ['a blank at the start', 'A', ' b'],
    ['a blank at the end', 'A', 'b '],
    ['a NUL', 'A', '\0'],
  ])('calls %s a bug', (_, field, text) => {
    expect(() => write([field, text])).toThrow(/field/);
  });

  it('calls a repeated field a bug', () => {
    expect(() => write(['A', 'b'], ['a', 'c'])).toThrow(/field name/);
  });
});

describe('random text', () => {
  it('gives stanzas that can be written again, or a FormatError', () => {
    const text = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map(array => fromBuffer(Buffer.from(array))),
      fc.string({ unit: fc.constantFrom(...'A:b \n\t#\r.-'), maxLength: 40 }),
    );
    fc.assert(
      fc.property(text, fc.boolean(), (input, comments) => {
        try {
          for (const found of parse(input, { comments })) {
            if (found.fields.size === 0) continue;
            expect(pairs(serializeStanza(fieldPairs(found)))).toEqual([fieldPairs(found)]);
          }
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('of one endless stanza is refused in a stream', () => {
    const parser = createStanzaParser(() => undefined);
    const chunk = Buffer.alloc(1 << 20, ' a\n');
    expect(() => {
      for (let i = 0; i < 20; i++) parser.write(chunk);
    }).toThrow(/a stanza of more than/);
  });

  it('reports the line in a stream', () => {
    const parser = createStanzaParser(() => undefined);
    expect(() => {
      parser.write(Buffer.from('A: b\n\n\nA: c\n'));
      parser.write(Buffer.from('\nA: d\nbad\n'));
      parser.end();
    }).toThrow('line 7');
    expect(fieldValue(parse(fromText('A: é'))[0]!, 'A')).toBe('\xc3\xa9');
  });
});
