import fs from 'node:fs';
import { expect, it } from 'vitest';
import { scratchDirectory, testHost } from '../../tests/support/host.ts';
import { readEngine } from './index.ts';

const read = (text: string) => {
  using scratch = scratchDirectory();
  fs.writeFileSync(`${scratch.path}/conf`, text);
  return readEngine(testHost(), `${scratch.path}/conf`);
};

it('the configuration names an engine, or none', () => {
  expect([read('engine: docker'), read('engine: buildah'), read('')]).toEqual([
    'docker',
    'buildah',
    undefined,
  ]);
});

it.each(['engine: rkt', 'engine: [podman]', 'engine: 1'])('the configuration %j is refused', text => {
  expect(() => read(text)).toThrow(/engine is /);
});
