import type { Bind } from '../sandbox/index.ts';
import { writeForSandbox } from '../sandbox/index.ts';
import type { Unconfigured } from './dated-scripts.ts';
import type { DpkgTarget } from './target.ts';

const PACKAGE = 'dbconfig-common';
const PATH = '/usr/share/dbconfig-common/dpkg/common';

/** Where dbc_get_app_pass makes a password up because nobody gave one. */
const MADE_UP = /^(\s*dbc_dbpass=)\$\([^\n]*<\s*\/dev\/urandom[^\n]*\)$/m;

/**
 * Puts over the functions of dbconfig-common, where the system has them, the same ones that leave a password of a database empty which
 * nobody gave. No database server runs while packages are configured, so no database gets the password; in the image it would
 * be the same on every machine, and another one in each build. `dpkg-reconfigure` makes one up when it makes the database. `except` as for
 * `datedScripts`.
 */
export function withoutDatabasePasswords(
  target: DpkgTarget,
  { read }: Unconfigured,
  except: ReadonlySet<string> = new Set(),
): Bind[] {
  const text = except.has(PACKAGE) ? '' : (read(PATH)?.toString('latin1') ?? '');
  const settled = text.replace(MADE_UP, "$1''");
  if (settled === text) return [];
  const source = `${target.workDirectory}/${PACKAGE}`;
  writeForSandbox(target.host.sys, source, { bytes: Buffer.from(settled, 'latin1'), mode: 0o644 });
  return [{ source, target: PATH }];
}
