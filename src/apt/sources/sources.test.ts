import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FormatError } from '../../errors/index.ts';
import { type AptSource, insecureOption, parseSignedBy, renderSources } from './index.ts';
import { parseSourceLine } from './one-line.ts';
import { parseSourceStanza, splitSourceStanzas } from './stanzas.ts';

const plain: AptSource = {
  types: ['deb'],
  uris: ['http://example.org/debian'],
  suites: ['trixie'],
  components: ['main'],
  signedBy: undefined,
  architectures: [],
  options: {},
};

describe('one-line style', () => {
  it.each<[string, Partial<AptSource>]>([
    ['deb http://example.org/debian trixie main', {}],
    ['  deb   http://example.org/debian\ttrixie main # the archive', {}],
    ['deb-src http://example.org/debian trixie main', { types: ['deb-src'] }],
    [
      'deb [arch=amd64,i386 signed-by=/usr/share/keyrings/k.gpg] http://example.org/debian trixie main contrib',
      {
        architectures: ['amd64', 'i386'],
        signedBy: { kind: 'file', path: '/usr/share/keyrings/k.gpg' },
        components: ['main', 'contrib'],
      },
    ],
    ['deb [ Trusted=yes ] http://example.org/debian trixie main', { options: { trusted: 'yes' } }],
    ['deb [lang=none] http://example.org/debian trixie main', { options: { languages: 'none' } }],
    ['deb http://example.org/debian ./', { suites: ['./'], components: [] }],
    ['deb cdrom:[Debian 13 _Trixie_]/ trixie main', { uris: ['cdrom:[Debian 13 _Trixie_]/'] }],
  ])('%s', (line, expected) => {
    expect(parseSourceLine(line, 1)).toEqual({ ...plain, ...expected });
  });

  it.each(['', '   ', '# deb http://example.org trixie main'])('nothing in %j', line => {
    expect(parseSourceLine(line, 1)).toBeUndefined();
  });

  it.each([
    ['rpm http://example.org x main', /does not begin with deb/],
    ['deb', /does not begin with deb|no address/],
    ['deb example trixie main', /has no address/],
    ['deb http://example.org', /has no suite/],
    ['deb http://example.org trixie', /has no components/],
    ['deb http://example.org ./ main', /components after a path/],
    ['deb [trusted] http://example.org trixie main', /option without a value/],
  ])('refuses %j', (line, reason) => {
    expect(() => parseSourceLine(line, 7)).toThrow(reason);
    expect(() => parseSourceLine(line, 7)).toThrow(/line 7/);
  });
});

function parseAll(text: string): { sources: (AptSource | undefined)[]; errors: string[] } {
  const errors: string[] = [];
  const stanzas = splitSourceStanzas(text, error => errors.push(error.message));
  return { sources: stanzas.map(parseSourceStanza), errors };
}

describe('deb822 style', () => {
  it('reads stanzas, comments, inline keys, switched off ones', () => {
    const { sources, errors } = parseAll(
      [
        '# the archive',
        'Types: deb deb-src',
        '# inside',
        'URIs: http://example.org/debian',
        'Suites: trixie',
        '  trixie-updates',
        'Components: main',
        'Check-Valid-Until: no',
        'Signed-By:',
        ' -----BEGIN PGP PUBLIC KEY BLOCK-----',
        ' .',
        ' abc',
        ' -----END PGP PUBLIC KEY BLOCK-----',
        '',
        'Enabled: no',
        'Types: deb',
        'URIs: http://example.org/off',
        'Suites: x',
        'Components: main',
        '',
      ].join('\n'),
    );
    expect(errors).toEqual([]);
    expect(sources).toEqual([
      {
        ...plain,
        types: ['deb', 'deb-src'],
        suites: ['trixie', 'trixie-updates'],
        options: { 'check-valid-until': 'no' },
        signedBy: {
          kind: 'key',
          armored: '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nabc\n-----END PGP PUBLIC KEY BLOCK-----\n',
        },
      },
      undefined,
    ]);
  });

  it('drops a stanza with a broken line and keeps the next', () => {
    const good = renderSources([plain]);
    const { sources, errors } = parseAll(`Types: deb\nnonsense\n\n${good}\nTypes: deb\nTypes: deb\n`);
    expect(sources).toEqual([plain]);
    expect(errors).toEqual([
      expect.stringContaining('line 2'),
      expect.stringMatching(/line 10.*Types a second time/),
    ]);
  });

  it.each([
    ['URIs: http://x/\nSuites: a\nComponents: b', /no Types/],
    ['Types: rpm\nURIs: http://x/\nSuites: a\nComponents: b', /unknown Types/],
    ['Types: deb\nSuites: a\nComponents: b', /no URIs/],
    ['Types: deb\nURIs: http://x/\nComponents: b', /no Suites/],
    ['Types: deb\nURIs: http://x/\nSuites: a', /no Components/],
  ])('refuses %j', (text, reason) => {
    expect(() => parseAll(text)).toThrow(reason);
  });
});

const word = fc.stringMatching(/^[a-z][a-z0-9.-]{0,8}$/);
const words = fc.array(word, { minLength: 1, maxLength: 3 });
const anySource: fc.Arbitrary<AptSource> = fc.record({
  types: fc.constantFrom(['deb'], ['deb-src'], ['deb', 'deb-src']),
  uris: fc.array(
    word.map(name => `http://${name}/debian`),
    { minLength: 1, maxLength: 2 },
  ),
  suites: words,
  components: words,
  architectures: fc.array(word, { maxLength: 2 }),
  options: fc.dictionary(fc.constantFrom('check-valid-until', 'by-hash'), word).map(found => ({ ...found })),
  signedBy: fc.constantFrom(
    undefined,
    { kind: 'file', path: '/usr/share/keyrings/a.gpg' } as const,
    {
      kind: 'key',
      armored: '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nabc=\n-----END PGP PUBLIC KEY BLOCK-----\n',
    } as const,
    { kind: 'other', text: '0123456789ABCDEF' } as const,
  ),
});

describe('properties', () => {
  it('reads back what it writes', () => {
    fc.assert(
      fc.property(fc.array(anySource, { maxLength: 3 }), sources => {
        expect(parseAll(renderSources(sources))).toEqual({ sources, errors: [] });
      }),
    );
  });

  it('takes any text', () => {
    const part = fc.oneof(
      fc.constantFrom('deb ', '[', ']', 'Types: deb\n', '\n', ' ', 'URIs:', '#', '"'),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(part), parts => {
        const text = parts.join('');
        for (const parse of [() => parseSourceLine(text, 1), () => parseAll(text)])
          try {
            parse();
          } catch (error) {
            expect(error).toBeInstanceOf(FormatError);
          }
      }),
    );
  });

  it('is not slow on hostile lines', () => {
    expect(() => parseSourceLine(`deb http://x ${'[" '.repeat(20_000)}`, 1)).not.toThrow(/stack/);
  });
});

it('never writes a value as a new field', () => {
  expect(() => renderSources([{ ...plain, suites: ['a\nTrusted: yes'] }])).toThrow(/line break/);
});

it.each([
  ['yes', 'trusted'],
  ['no', undefined],
  ['', undefined],
])('trusted=%s', (value, expected) => {
  expect(insecureOption({ ...plain, options: { trusted: value } })).toBe(expected);
});

it.each([
  ['', undefined],
  ['/a/b.gpg', { kind: 'file', path: '/a/b.gpg' }],
  ['/a.gpg,/b.gpg', { kind: 'other', text: '/a.gpg,/b.gpg' }],
  ['ABCD1234', { kind: 'other', text: 'ABCD1234' }],
])('Signed-By: %s', (value, expected) => {
  expect(parseSignedBy(value)).toEqual(expected);
});
