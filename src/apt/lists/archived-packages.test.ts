import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packagesInIndex } from './archived-packages.ts';
import { originOf } from './list-files.ts';

const ORIGIN = {
  vendor: 'Debian',
  label: 'Debian',
  suite: 'stable',
  codename: 'trixie',
  site: 'host',
  isSecurity: false,
};
const stanza = (name: string, version: string) =>
  `Package: ${name}\nVersion: ${version}\nInstalled-Size: 2\nArchitecture: amd64\nSize: 100\nDescription: the ${name}\n more\n`;
const found = (text: string, ...names: string[]) =>
  packagesInIndex(Buffer.from(text), new Set(names), ORIGIN).map(one => `${one.name} ${one.version}`);

describe('packagesInIndex', () => {
  const index = [stanza('a', '1'), stanza('ab', '2'), stanza('a', '3')].join('\n');

  it('reads the stanzas of the names, whole', () => {
    expect(packagesInIndex(Buffer.from(index), new Set(['ab']), ORIGIN)).toEqual([
      {
        name: 'ab',
        architecture: 'amd64',
        version: '2',
        sizeBytes: 100,
        installedBytes: 2048,
        source: 'ab',
        sourceVersion: '2',
        builtUsing: '',
        summary: 'the ab',
        origin: ORIGIN,
      },
    ]);
    expect(found(index, 'a')).toEqual(['a 1', 'a 3']);
    expect(found(index, 'b')).toEqual([]);
    expect(found('', 'a')).toEqual([]);
  });

  it('does not mind where in a stanza the name is, nor a stanza without the rest', () => {
    expect(found('Version: 1\nArchitecture: all\nPackage: a\n\nPackage: a\n', 'a')).toEqual(['a 1']);
  });

  it('takes any bytes', () => {
    const piece = fc.constantFrom('\nPackage: a', '\n', '\n\n', 'Version: 1', 'Size: x', ' ', '\0');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), pieces => {
        try {
          found(pieces.join(''), 'a');
        } catch (error) {
          expect(error).toMatchObject({ code: 'FORMAT' });
        }
      }),
    );
  });
});

it.each([
  ['Label: Debian-Security\nSuite: stable-security\nCodename: trixie-security\n', true],
  ['Label: Ubuntu\nSuite: noble-security\n', true],
  ['Label: Debian\nSuite: stable\nCodename: trixie\n', false],
  ['Label: Debian\nSuite: stable-updates\nCodename: trixie-updates\n', false],
])('%j is security: %s', (text, expected) => {
  const signed = `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n${text}-----BEGIN PGP SIGNATURE-----\n\nx\n`;
  for (const release of [text, signed])
    expect(originOf(Buffer.from(release), 'http://host/').isSecurity).toBe(expected);
});
