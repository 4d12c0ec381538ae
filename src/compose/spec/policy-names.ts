import { isOwnArgument } from '../../boot/index.ts';
import { type Checked, quoteText } from './checked.ts';
import { checkArchitecture, checkPackageName } from './names.ts';

/** NAME or NAME:ARCH. */
export function checkNamedPackage(text: string): Checked<string> {
  const [, nameText = '', architectureText] = /^([^:]*)(?::(.*))?$/s.exec(text) ?? [];
  const name = checkPackageName(nameText);
  if (!('value' in name)) return name;
  if (architectureText === undefined) return name;
  const architecture = checkArchitecture(architectureText);
  return 'value' in architecture ? { value: text } : architecture;
}

/** What a pin is for: a name, or a pattern of apt_preferences(5) with `*` and `?`. */
export function checkPackagePattern(text: string): Checked<string> {
  if (/^(?:src:)?[a-z0-9*?][a-z0-9+.*?-]*(?::[a-z0-9-]+)?$/.test(text) && text.length <= 255)
    return { value: text };
  return { reason: `${quoteText(text)} is neither a package nor a pattern`, hint: 'write one like linux-*' };
}

/** A `Pin:` line of apt_preferences(5). */
export function checkPin(text: string): Checked<string> {
  if (/^(?:release|version|origin) [\x20-\x7e]*[\x21-\x7e]$/.test(text) && text.length <= 255)
    return { value: text };
  return {
    reason: `${quoteText(text)} is not a pin`,
    hint: 'write one like `release a=trixie-backports`, `version 5.*` or `origin mirror.example.org`',
  };
}

/** A command, a kind of action, or an absolute path that maintainer scripts are not to use. */
export function checkForbiddenAction(text: string): Checked<string> {
  if (text.length <= 255 && /^\/?[A-Za-z0-9._+-]+(?:\/[A-Za-z0-9._+-]+)*$/.test(text)) return { value: text };
  return {
    reason: `${quoteText(text)} is no action`,
    hint: 'write a command such as systemctl, a kind such as network, or a path such as /proc',
  };
}

const TIME = /^(\d{4})-?(\d\d)-?(\d\d)(?:T(\d\d):?(\d\d):?(\d\d)Z)?$/;

/** A time in UTC, with or without dashes and colons; a day alone is its beginning. */
export function checkSnapshot(text: string): Checked<string> {
  const [, year, month, day, hour = '00', minute = '00', second = '00'] = TIME.exec(text) ?? [];
  const iso = `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`;
  if (year !== undefined && !Number.isNaN(Date.parse(iso)) && new Date(iso).toISOString() === iso)
    return { value: `${year}${month}${day}T${hour}${minute}${second}Z` };
  return { reason: `${quoteText(text)} is not a time`, hint: 'write one like 20250128T143022Z' };
}

/** One argument of the kernel's command line; a value with spaces is quoted as the kernel wants it. */
export function checkKernelArgument(text: string): Checked<string> {
  const quotes = (text.match(/"/g) ?? []).length;
  const bare = text.replace(/"[^"]*"/g, '');
  if (isOwnArgument(text))
    return {
      reason: `${quoteText(text)} is for apt-layer to say, which tells the kernel what it boots`,
      hint: 'leave it out; `security` says whether a boot needs fs-verity',
    };
  if (text !== '' && /^[\x20-\x7e]+$/.test(text) && quotes % 2 === 0 && !bare.includes(' '))
    return { value: text };
  return {
    reason: `${quoteText(text)} is not one kernel argument`,
    hint: 'list each by itself, and put double quotes around a value with spaces',
  };
}

/** The name of a kernel module. */
export function checkModule(text: string): Checked<string> {
  if (/^[A-Za-z0-9_-]{1,64}$/.test(text)) return { value: text };
  return { reason: `${quoteText(text)} is not the name of a kernel module` };
}

/** The key of a label: as of an annotation of an OCI image. */
export function checkLabelKey(text: string): Checked<string> {
  if (/^[A-Za-z0-9][A-Za-z0-9._/-]{0,254}$/.test(text)) return { value: text };
  return {
    reason: `${quoteText(text)} cannot be the key of a label`,
    hint: 'write one like org.example.team',
  };
}
