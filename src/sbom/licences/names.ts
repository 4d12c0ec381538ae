import listed from 'spdx-license-ids/index.json' with { type: 'json' };

const BY_LOWER_CASE: ReadonlyMap<string, string> = new Map(listed.map(id => [id.toLowerCase(), id]));

/**
 * Short names of Debian's copyright format that SPDX spells otherwise. Only those that mean one text: names such as `BSD` or `GPL`, which
 * may be any of several, stand for themselves.
 */
const DEBIAN_NAMES: ReadonlyMap<string, string> = new Map([
  ['expat', 'MIT'],
  ['artistic', 'Artistic-1.0'],
  ['cc0', 'CC0-1.0'],
  ['openldap-2.8', 'OLDAP-2.8'],
]);

/** Licences of which SPDX has one name for a version alone and one for it and later ones. */
const FAMILIES: ReadonlyMap<string, readonly [name: string, suffix: string]> = new Map([
  ['gpl', ['GPL', '']],
  ['lgpl', ['LGPL', '']],
  ['agpl', ['AGPL', '']],
  ['gfdl', ['GFDL', '']],
  ['gfdl-niv', ['GFDL', '-no-invariants']],
]);

/** The SPDX licence that a short name means, such as `GPL-2.0-or-later` for `GPL-2+`; undefined where SPDX has none that is surely meant. */
export function spdxLicence(name: string): string | undefined {
  const wanted = name.toLowerCase();
  return inFamily(wanted) ?? listedAs(DEBIAN_NAMES.get(wanted) ?? wanted) ?? orLater(wanted);
}

function inFamily(name: string): string | undefined {
  const match = /^([al]?gpl|gfdl|gfdl-niv)-(\d)(?:\.(\d))?(?:\.0)?(\+|-only|-or-later)?$/.exec(name);
  const [, family = '', major = '', minor = '0', ending = ''] = match ?? [];
  const [title, suffix] = FAMILIES.get(family) ?? [];
  if (title === undefined || suffix === undefined) return undefined;
  const range = ending === '+' || ending === '-or-later' ? 'or-later' : 'only';
  return listedAs(`${title}-${major}.${minor}${suffix}-${range}`);
}

/** `Apache-2.0+`: SPDX has a plus for that, too. */
function orLater(name: string): string | undefined {
  if (!name.endsWith('+')) return undefined;
  const bare = name.slice(0, -1);
  const id = listedAs(DEBIAN_NAMES.get(bare) ?? bare);
  return id === undefined ? undefined : `${id}+`;
}

/** As the list has it; `Apache-2` for `Apache-2.0`. */
function listedAs(name: string): string | undefined {
  const wanted = name.toLowerCase();
  return BY_LOWER_CASE.get(wanted) ?? (/-\d$/.test(wanted) ? BY_LOWER_CASE.get(`${wanted}.0`) : undefined);
}
