import { expect, it } from 'vitest';
import { parsePrintUris } from './simulation.ts';

it('names, versions and architectures are what they were before apt quoted them for a file name', () => {
  const line = `'http://x/pool/c_under.deb' c%5funder_1%3a2.0_amd64.deb 10 SHA256:${'a'.repeat(64)}`;
  expect(parsePrintUris(`Reading lists\n${line}\n`)).toEqual([
    {
      ...{ name: 'c_under', version: '1:2.0', architecture: 'amd64', size: 10, sha256: 'a'.repeat(64) },
      ...{ uri: 'http://x/pool/c_under.deb', fileName: 'c%5funder_1%3a2.0_amd64.deb' },
    },
  ]);
});
