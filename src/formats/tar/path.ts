import { type ByteString, toText } from '../bytes/index.ts';
import type { TarEntry } from './entry.ts';
import { refuse } from './failure.ts';

const UNUSUAL = /^\/|\/\/|\/$|(?:^|\/)\.(?:\/|$)/;

/** The form that `TarHeader.path` describes. dpkg drops a leading `/` or `./` in the same way. */
export function normalisePath(raw: ByteString): ByteString {
  // Nearly all names in a .deb have one `./` in front, directories one `/` behind, and nothing else unusual.
  const end = raw.endsWith('/') ? raw.length - 1 : raw.length;
  const path = raw.slice(raw.startsWith('./') ? 2 : 0, end);
  if (!UNUSUAL.test(path)) return path as ByteString;
  return path
    .split('/')
    .filter(name => name !== '' && name !== '.')
    .join('/') as ByteString;
}

export interface Containment {
  /** `strip` reads `/etc/x` as `etc/x`, as dpkg and GNU tar do. Default `refuse`. */
  readonly absolute?: 'refuse' | 'strip';
}

/** The entry's path, for a consumer that must stay below its root: a FormatError for `..`, and for an absolute path. */
export function containedPath(entry: TarEntry, options: Containment = {}): ByteString {
  return contained(entry.rawPath, { ...options, entry, what: 'path' });
}

/**
 * The same for what a hardlink names. A symlink's target needs no such check as long as the consumer never follows
 * one: it is text, and may point anywhere.
 */
export function containedHardlink(entry: TarEntry, options: Containment = {}): ByteString {
  if (entry.type !== 'hardlink') throw new Error(`containedHardlink of a ${entry.type}`);
  return contained(entry.linkTarget, { ...options, entry, what: 'hardlink to' });
}

interface Subject extends Containment {
  readonly entry: TarEntry;
  readonly what: string;
}

function contained(raw: ByteString, { entry, what, absolute = 'refuse' }: Subject): ByteString {
  const fail = (reason: string) =>
    refuse(
      `${what} ${toText(raw)} ${reason}`,
      entry.offset,
      'do not use this archive: it writes outside its root',
    );
  if (raw.includes('\0')) return fail('has a NUL');
  if (absolute === 'refuse' && raw.startsWith('/')) return fail('is absolute');
  const path = normalisePath(raw);
  return path.includes('..') && path.split('/').includes('..') ? fail('has a ..') : path;
}
