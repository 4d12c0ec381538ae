import { expect, it } from 'vitest';
import { parseRecords } from './records.ts';

const stanza = (fields: Record<string, string>) =>
  `${Object.entries(fields)
    .map(([name, value]) => `${name}: ${value}\n`)
    .join('')}\n`;

it('has what lists show', () => {
  const status = Buffer.from(
    stanza({
      Package: 'vim',
      Status: 'install ok installed',
      'Installed-Size': '42',
      Architecture: 'amd64',
      Source: 'vim-source (2:9)',
      Version: '2:9.1',
      Section: 'editors',
      'Pre-Depends': 'libc6 (>= 2)',
      Depends: 'a, b | c',
      Maintainer: 'A Team <team@example.org>',
      Origin: 'Example',
      'Built-Using': 'glibc (= 2.41-12)',
      Description: 'an editor\n with a long description',
    }) +
      stanza({ Package: 'gone', Status: 'deinstall ok config-files', Architecture: 'all', Version: '1' }) +
      stanza({ Package: 'bare', Status: 'install ok half-installed', Architecture: 'all', Version: '1' }),
  );
  expect([...parseRecords(status)]).toEqual([
    [
      'vim:amd64',
      {
        name: 'vim',
        architecture: 'amd64',
        version: '2:9.1',
        installedBytes: 42 * 1024,
        source: 'vim-source',
        sourceVersion: '2:9',
        section: 'editors',
        relations: { 'Pre-Depends': 'libc6 (>= 2)', Depends: 'a, b | c', 'Built-Using': 'glibc (= 2.41-12)' },
        maintainer: 'A Team <team@example.org>',
        declaredVendor: 'Example',
        summary: 'an editor',
      },
    ],
    [
      'bare:all',
      {
        ...{ name: 'bare', architecture: 'all', version: '1', installedBytes: 0 },
        ...{ source: 'bare', sourceVersion: '1', section: '', summary: '', relations: {} },
        ...{ maintainer: '', declaredVendor: '' },
      },
    ],
  ]);
});

it.each(['-1', '1e9', '99999999999999', 'x'])('a size of %s is none', size => {
  const status = stanza({
    Package: 'a',
    Status: 'install ok installed',
    Architecture: 'all',
    Version: '1',
    'Installed-Size': size,
  });
  expect(parseRecords(Buffer.from(status)).get('a:all')?.installedBytes).toBe(0);
});
