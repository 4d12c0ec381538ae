import { expect, it } from 'vitest';
import { freeRanges } from './account-ranges.ts';

it.each<[string, { base?: string; mine: string; fresh: string }, string]>([
  ['one of its own stays', { mine: 'a:100000:65536\n', fresh: 'b:165536:65536\n' }, 'b:165536:65536\n'],
  ['one that is taken does not', { mine: 'a:100000:65536\n', fresh: 'b:100000:65536\n' }, 'b:165536:65536\n'],
  [
    'nor one that overlaps, and both that move get their own',
    { mine: 'a:100000:65536\nm:300000:10\n', fresh: 'b:165535:9\nc:100001:5\nd:299999:1\n' },
    'b:300010:9\nc:300019:5\nd:299999:1\n',
  ],
  [
    'what both have is not new',
    { base: 'b:100000:10\n', mine: 'a:100000:10\nb:7:1\n', fresh: 'b:100000:10\n' },
    'b:100000:10\n',
  ],
  ['where nothing is left there is none', { mine: 'a:0:4294967295\n', fresh: 'b:1:1\nbroken\n' }, 'broken\n'],
])('of subordinate numbers %s', (_, { base = '', mine, fresh }, expected) => {
  expect(freeRanges({ base, mine, fresh })).toBe(expected);
});
