import { type Checked, quoteText } from './checked.ts';

/**
 * Syntax of the names a spec may hold. Package names and versions follow Debian Policy 5.6.1 and 5.6.12, and names may have a `_` as for dpkg, unit
 * names systemd.unit(5), user names adduser's default NAME_REGEX.
 */
const PACKAGE = /^[a-z0-9][a-z0-9+._-]+$/;
const ARCHITECTURE = /^[a-z0-9][a-z0-9-]*$/;
const VERSION = /^(?:(\d{1,10}):)?(\d[A-Za-z0-9.+~:-]*)$/;
const SUITE = /^[A-Za-z0-9][A-Za-z0-9._~+-]*(?:\/[A-Za-z0-9][A-Za-z0-9._~+-]*)*$/;
const COMPONENT = /^[A-Za-z0-9][A-Za-z0-9._+/-]*$/;
const UNIT = /^[A-Za-z0-9:_.\\@-]+$/;
const UNIT_SUFFIX = /\.(?:service|socket|timer|path|mount|automount|target|swap|slice)$/;
const USER = /^[a-z_][a-z0-9_-]{0,30}\$?$/i;
const SPEC_NAME = /^[a-z0-9][a-z0-9._-]*$/;
const SPEC_VERSION = /^[A-Za-z0-9][A-Za-z0-9.+~:_-]*$/;

const MAX_EPOCH = 2 ** 31 - 1;
/** The kernel's "no such id" value is one above this. */
const MAX_ID = 2 ** 32 - 2;
const MAX_NAME = 255;

/** A binary package. A trailing `-`, which apt takes as a wish to remove, is refused. */
export function checkPackageName(text: string): Checked<string> {
  if (PACKAGE.test(text) && text.length <= MAX_NAME) {
    if (!text.endsWith('-')) return { value: text };
    return {
      reason: `${quoteText(text)} is not a package name`,
      hint: 'to take a package out, list it under `remove`',
    };
  }
  const reason = `${quoteText(text)} is not a package name`;
  if (text.endsWith('.deb')) return { reason, hint: `write ./${text} for a file` };
  if (text.includes('*')) return { reason, hint: 'patterns are not allowed: list each package' };
  return { reason, hint: 'names have lower-case letters, digits and + - . and at least two characters' };
}

/** A Debian architecture, or `any` and `native` where apt knows them; only the syntax is checked. */
export function checkArchitecture(text: string): Checked<string> {
  if (ARCHITECTURE.test(text) && text.length <= 64) return { value: text };
  return { reason: `${quoteText(text)} is not an architecture`, hint: 'write one like amd64 or i386' };
}

/** [EPOCH:]UPSTREAM[-REVISION], exact: the patterns of apt would make a spec mean something else tomorrow. */
export function checkPackageVersion(text: string): Checked<string> {
  const refused = (why: string): Checked<string> => ({
    reason: `${quoteText(text)} is not a package version: ${why}`,
    hint: '`apt-cache policy NAME` shows the versions there are',
  });
  if (text.length > MAX_NAME) return refused('it is too long');
  if (text.includes('*')) return refused('patterns are not allowed');
  const match = VERSION.exec(text);
  if (match === null) return refused('it has the form [EPOCH:]VERSION[-REVISION] and starts with a digit');
  const [, epoch, rest] = match;
  if (epoch !== undefined && Number(epoch) > MAX_EPOCH) return refused('the epoch is too large');
  if (epoch === undefined && rest!.includes(':')) return refused('a colon needs an epoch before it');
  const dash = rest!.lastIndexOf('-');
  if (dash !== -1 && !/^[A-Za-z0-9.+~]+$/.test(rest!.slice(dash + 1)))
    return refused('the revision after the last - is empty or has a colon');
  return { value: text };
}

/** A suite or codename, such as `trixie` or `bookworm/updates`. */
export function checkSuite(text: string): Checked<string> {
  if (SUITE.test(text) && text.length <= MAX_NAME) return { value: text };
  return { reason: `${quoteText(text)} is not a suite`, hint: 'write one like trixie or trixie-backports' };
}

/** A suite of a repository; one that ends with `/` is the path of a flat repository. */
export function checkRepositorySuite(text: string): Checked<string> {
  if (!text.endsWith('/')) return checkSuite(text);
  if (text === '/' || text === './' || /^(?:\.\/)?(?:[A-Za-z0-9][A-Za-z0-9._~+-]*\/)+$/.test(text))
    return { value: text };
  return {
    reason: `${quoteText(text)} is not the path of a flat repository`,
    hint: 'write ./ or one like path/',
  };
}

/** A component, such as `main`; some archives have a path there. */
export function checkComponent(text: string): Checked<string> {
  if (COMPONENT.test(text) && text.length <= MAX_NAME && !text.includes('//') && !text.endsWith('/'))
    return { value: text };
  return { reason: `${quoteText(text)} is not a component`, hint: 'write one like main or contrib' };
}

/** Adds `.service` to a name without a suffix, as systemctl does. */
export function checkUnitName(text: string): Checked<string> {
  const value = UNIT_SUFFIX.test(text) ? text : `${text}.service`;
  if (UNIT.test(text) && !/^(?:\.|--)/.test(text) && value.length <= MAX_NAME) return { value };
  return {
    reason: `${quoteText(text)} is not a unit name`,
    hint: 'write one like ssh.service or fstrim.timer',
  };
}

/** A name, or a number that is one or is written as one. */
export function checkOwner(input: string | number): Checked<string | number> {
  const text = String(input);
  if (/^\d{1,10}$/.test(text)) {
    const id = Number(text);
    if (id <= MAX_ID) return { value: id };
  } else if (USER.test(text)) return { value: text };
  return { reason: `${quoteText(text)} is neither a name nor a number for an owner` };
}

/** A name that becomes part of deployment ids and of paths. */
export function checkSpecName(text: string): Checked<string> {
  if (SPEC_NAME.test(text) && text.length <= 100) return { value: text };
  return {
    reason: `${quoteText(text)} cannot name a deployment`,
    hint: 'use lower-case letters, digits and . _ - (100 at most), starting with a letter or digit',
  };
}

/** The author's version: text without spaces, which nothing compares. */
export function checkSpecVersion(text: string): Checked<string> {
  if (SPEC_VERSION.test(text) && text.length <= 100) return { value: text };
  return {
    reason: `${quoteText(text)} cannot be a version`,
    hint: 'use letters, digits and . + ~ : _ - (100 at most), starting with a letter or digit',
  };
}

/** apt ignores files of sources.list.d whose names have other characters. */
export function checkRepositoryName(text: string): Checked<string> {
  if (/^[a-z0-9][a-z0-9._-]*$/i.test(text) && text.length <= 100) return { value: text };
  return {
    reason: `${quoteText(text)} cannot name a repository`,
    hint: 'use letters, digits and . _ - (100 at most), starting with a letter or digit',
  };
}
