import fs from 'node:fs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { scratchDirectory } from '../../../tests/support/host.ts';
import { fieldValue } from '../../formats/deb822/index.ts';
import { createSys } from '../../sys/index.ts';
import { findStanzas } from './find-stanzas.ts';
import { stanzasWith } from './stanzas.ts';

const sys = createSys();

it('finds in a file what a look at all of it finds, wherever pieces end', () => {
  using scratch = scratchDirectory();
  const file = `${scratch.path}/Packages`;
  // Stanzas of a few bytes up to more than one that is read at once, around the ends of pieces.
  const size = fc.oneof(fc.nat(200), fc.integer({ min: 60_000, max: 70_000 }), fc.constant(1024 * 1024 - 90));
  const stanza = fc.tuple(fc.nat(5), size);
  fc.assert(
    fc.property(fc.array(stanza, { minLength: 1, maxLength: 4 }), fc.boolean(), (stanzas, hasEnd) => {
      const text = stanzas
        .map(
          ([hash, length], n) => `Package: p${n}\nFiller: ${'x'.repeat(length)}\nSHA256: h${hash}\nSize: 1\n`,
        )
        .join('\n');
      fs.writeFileSync(file, hasEnd ? `${text}\n` : text.slice(0, -1));
      const names = (found: Iterable<Parameters<typeof fieldValue>[0]>) =>
        [...found].map(one => fieldValue(one, 'Package')).sort();
      for (const line of ['SHA256: h1', 'SHA256: h5', 'SHA256: h', 'Size: 1'])
        expect(names(findStanzas({ sys }, file, [line]))).toEqual(
          names(stanzasWith(fs.readFileSync(file), line)),
        );
      const both = ['SHA256: h1', 'SHA256: h2'];
      expect(findStanzas({ sys }, file, both)).toHaveLength(
        stanzas.filter(([hash]) => hash === 1 || hash === 2).length,
      );
    }),
    { numRuns: 25 },
  );
});

it('finds nothing in an empty file', () => {
  using scratch = scratchDirectory();
  fs.writeFileSync(`${scratch.path}/Packages`, '');
  expect(findStanzas({ sys }, `${scratch.path}/Packages`, ['SHA256: h1'])).toEqual([]);
});
