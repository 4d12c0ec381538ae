import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { scratchDirectory, testHost } from '../../tests/support/host.ts';
import { withoutDatabasePasswords } from './database-passwords.ts';
import type { DpkgTarget } from './target.ts';

const PATH = '/usr/share/dbconfig-common/dpkg/common';
/** As dbconfig-common 2.0.24 has it. */
const FUNCTION = `    if [ ! "$dbc_dbpass" ]; then
        dbc_dbpass=$(env LANG=C LC_ALL=C tr -dc "[:alnum:]" < /dev/urandom | dd bs=1 count=12 2>/dev/null)
        db_set $dbc_package/$dbc_dbtype/app-pass "$dbc_dbpass"
    fi
`;

function bindsOf(directory: string, text: string | undefined, except?: ReadonlySet<string>) {
  const target = { host: testHost(), workDirectory: directory } as Partial<DpkgTarget> as DpkgTarget;
  const read = (path: string) => (path === PATH && text !== undefined ? Buffer.from(text) : undefined);
  return withoutDatabasePasswords(target, { read, has: () => false, epochSeconds: 0 }, except);
}

it('a password that nobody gave is not made up', () => {
  using scratch = scratchDirectory();
  const [bind] = bindsOf(scratch.path, FUNCTION);
  expect(bind?.target).toBe(PATH);
  expect(readFileSync(bind?.source ?? '', 'utf8')).toBe(
    FUNCTION.replace(/^( +dbc_dbpass=).*$/m, (_, start: string) => `${start}''`),
  );
});

it.each([
  ['is not there', undefined, undefined],
  ['makes up none', 'dbc_dbpass="$pass1"\n', undefined],
  ['is about to be replaced', FUNCTION, new Set(['dbconfig-common'])],
])('nothing is put over what %s', (_, text, except) => {
  using scratch = scratchDirectory();
  expect(bindsOf(scratch.path, text, except)).toEqual([]);
});
