import fs from 'node:fs';
import { expect, it } from 'vitest';
import { scratchDirectory, testHost } from '../../tests/support/host.ts';
import { readStagesKept } from './index.ts';

const read = (text: string) => {
  using scratch = scratchDirectory();
  fs.writeFileSync(`${scratch.path}/conf`, text);
  return readStagesKept(testHost(), `${scratch.path}/conf`);
};

it.each([
  ['', 8],
  ['keep-stages: 1', 1],
  ['keep-stages: 64', 64],
])('the configuration %j keeps %i stages', (text, expected) => {
  expect(read(text)).toBe(expected);
});

it.each(['0', '65', '1.5', 'many', '"8"', '[8]', 'false'])('keep-stages: %s is refused', value => {
  expect(() => read(`keep-stages: ${value}`)).toThrow(/keep-stages is /);
});

it('what the package ships is what holds without it', () => {
  expect(readStagesKept(testHost(), 'packaging/config/apt-layer.conf')).toBe(8);
});
