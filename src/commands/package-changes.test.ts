import { expect, it } from 'vitest';
import { blockLines, diffLines, sizeLine } from './package-changes.ts';
import { plainStyle } from './text/index.ts';

const changes = {
  added: [
    { name: 'new', architecture: 'amd64', version: '1', installedBytes: 5000 },
    { name: 'libx', architecture: 'i386', version: '2', installedBytes: 1 },
  ],
  removed: [{ name: 'old', architecture: 'all', version: '3', installedBytes: 1 }],
  upgraded: [{ name: 'libx', architecture: 'amd64', from: '1', to: '2', installedBytesChange: 10 }],
  downgraded: [{ name: 'b', architecture: 'amd64', from: '2', to: '1', installedBytesChange: 0 }],
  installedBytesChange: 5010,
};

it('as a block', () => {
  expect(blockLines(changes, plainStyle, { below: one => (one.name === 'b' ? ['why', ''] : []) })).toEqual([
    'Upgraded:',
    '  libx:amd64 1 -> 2',
    'Downgraded:',
    '  b 2 -> 1',
    '    why',
    '',
    'Removed:',
    '  old 3',
    'Added:',
    '  new 1',
    '  libx:i386 2',
  ]);
});

it('as a diff', () => {
  expect(diffLines(changes)).toEqual([
    '!b-2.amd64',
    '=b-1.amd64',
    '!libx-1.amd64',
    '=libx-2.amd64',
    '+libx-2.i386',
    '+new-1.amd64',
    '-old-3.all',
  ]);
});

it('as a size', () => {
  expect(sizeLine(changes)).toBe('Takes 5.0 kB more.');
  expect(sizeLine({ ...changes, installedBytesChange: -2000 })).toBe('Frees 2.0 kB.');
});
