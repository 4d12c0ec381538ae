import { expect, it } from 'vitest';
import { againstBase } from './against-base.ts';

const locked = (name: string, version: string) => ({
  name,
  version,
  architecture: 'amd64',
  sha256: '0'.repeat(64),
  size: 1,
  uri: 'http://mirror.example.org/a.deb',
  requested: true,
});
const installed = (name: string, version: string) =>
  [`${name}:amd64`, { name, version, architecture: 'amd64' }] as const;

it('says upgraded and downgraded of what takes the place of a package of the base, and of what gives it back', () => {
  const base = new Map([
    installed('older', '1'),
    installed('newer', '3'),
    installed('same', '1'),
    installed('back', '1'),
  ]);
  const empty = { added: [], removed: [], upgraded: [], downgraded: [], rebuilt: [] };
  const found = againstBase(
    {
      ...empty,
      added: [locked('older', '2'), locked('newer', '2'), locked('new', '1'), locked('same', '1')],
      removed: [locked('back', '2'), locked('gone', '1'), locked('same', '1')],
    },
    base,
  );
  expect(found.added.map(one => one.name)).toEqual(['new', 'same']);
  expect(found.removed.map(one => one.name)).toEqual(['gone']);
  expect(found.upgraded).toEqual([{ name: 'older', architecture: 'amd64', from: '1', to: '2' }]);
  expect(found.downgraded.map(({ name, from, to }) => [name, from, to])).toEqual([
    ['newer', '3', '2'],
    ['back', '2', '1'],
  ]);
});
