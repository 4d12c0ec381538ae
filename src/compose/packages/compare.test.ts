import { expect, it } from 'vitest';
import type { PackageRecord } from '../../apt/index.ts';
import { comparePackages } from './compare.ts';

const records = (...list: [string, string, number, string?][]) =>
  new Map(
    list.map(([name, version, installedBytes, architecture = 'amd64']): [string, PackageRecord] => [
      `${name}:${architecture}`,
      {
        ...{ name, version, architecture, installedBytes, source: name, sourceVersion: version },
        ...{ section: '', summary: '', relations: {}, maintainer: '', declaredVendor: '' },
      },
    ]),
  );

it('says what each change takes', () => {
  const before = records(
    ['a', '1', 100],
    ['b', '2', 200],
    ['gone', '1', 50],
    ['moved', '1', 10, 'all'],
    ['same', '1', 7],
  );
  const after = records(
    ['a', '2', 130],
    ['b', '1', 150],
    ['new', '1', 1000],
    ['moved', '2', 15],
    ['same', '1', 7],
  );
  expect(comparePackages(before, after)).toEqual({
    added: [{ name: 'new', architecture: 'amd64', version: '1', installedBytes: 1000 }],
    removed: [{ name: 'gone', architecture: 'amd64', version: '1', installedBytes: 50 }],
    upgraded: [
      { name: 'a', architecture: 'amd64', from: '1', to: '2', installedBytesChange: 30 },
      { name: 'moved', architecture: 'amd64', from: '1', to: '2', installedBytesChange: 5 },
    ],
    downgraded: [{ name: 'b', architecture: 'amd64', from: '2', to: '1', installedBytesChange: -50 }],
    installedBytesChange: 1000 - 50 + 30 + 5 - 50,
  });
});
