import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseUpdate } from './source-states.ts';

it('tells what was fetched from what was there', () => {
  const said = [
    'Hit:1 http://host/debian trixie InRelease',
    'Get:2 http://host/debian-security trixie-security InRelease [43.4 kB]',
    'Get:3 http://host/debian-security trixie-security/main amd64 Packages [1,056 kB]',
    'Get:4 http://flat ./ InRelease [10 B]',
    'Fetched 1,100 kB in 1s (1,000 kB/s)',
    'Reading package lists...',
  ].join('\n');
  expect(parseUpdate(said)).toEqual([
    { uri: 'http://host/debian', suite: 'trixie', state: 'unchanged', bytes: 0 },
    { uri: 'http://host/debian-security', suite: 'trixie-security', state: 'fetched', bytes: 1_099_400 },
    { uri: 'http://flat', suite: './', state: 'fetched', bytes: 10 },
  ]);
});

it('takes any text', () => {
  const piece = fc.constantFrom('Get:1 ', 'Hit:2 ', 'http://x ', 'suite', '/main ', '[1 kB]', '\n', '[x]');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), pieces => {
      for (const { bytes } of parseUpdate(pieces.join(''))) expect(Number.isFinite(bytes)).toBe(true);
    }),
  );
});
