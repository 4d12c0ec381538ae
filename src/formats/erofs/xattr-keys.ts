import { type ByteString, fromText } from '../bytes/index.ts';
import { xxh32 } from './xxh32.ts';

/** Prefixes that an image stores as an index, in the order they are tried; `lustre.` only readers know. */
const PREFIXES: readonly (readonly [index: number, prefix: string])[] = [
  [1, 'user.'],
  [2, 'system.posix_acl_access'],
  [3, 'system.posix_acl_default'],
  [4, 'trusted.'],
  [6, 'security.'],
];

const PREFIX_TEXT: readonly string[] = [
  '',
  'user.',
  'system.posix_acl_access',
  'system.posix_acl_default',
  'trusted.',
  'lustre.',
  'security.',
];

/** `EROFS_XATTR_FILTER_SEED`. */
const FILTER_SEED = 0x25bbe08f;

/** An xattr name as an image holds it. */
export interface XattrKey {
  readonly key: ByteString;
  readonly prefixIndex: number;
  readonly suffix: ByteString;
  /** The suffix as little-endian words, zero-padded. */
  readonly suffixWords: Uint32Array;
  /** Its bit in the name filter. */
  readonly filterBit: number;
}

export function splitKey(key: ByteString): XattrKey {
  const [prefixIndex, prefix] = PREFIXES.find(([, text]) => key.startsWith(text)) ?? [0, ''];
  const suffix = key.slice(prefix.length) as ByteString;
  const suffixWords = new Uint32Array(Math.ceil(suffix.length / 4));
  for (let i = 0; i < suffix.length; i++) suffixWords[i >> 2]! |= suffix.charCodeAt(i) << ((i % 4) * 8);
  return { key, prefixIndex, suffix, suffixWords, filterBit: xxh32(suffix, FILTER_SEED + prefixIndex) & 31 };
}

/** The text of a prefix index; undefined for one that does not exist. */
export function prefixText(index: number): string | undefined {
  return PREFIX_TEXT[index];
}

/** Names with a meaning of their own in composefs. */
export const KEY = {
  metacopy: fromText('trusted.overlay.metacopy'),
  redirect: fromText('trusted.overlay.redirect'),
  opaque: fromText('trusted.overlay.opaque'),
  selinux: fromText('security.selinux'),
  aclAccess: fromText('system.posix_acl_access'),
  aclDefault: fromText('system.posix_acl_default'),
  escapedWhiteout: fromText('trusted.overlay.overlay.whiteout'),
  escapedWhiteouts: fromText('trusted.overlay.overlay.whiteouts'),
  escapedOpaque: fromText('trusted.overlay.overlay.opaque'),
  userWhiteout: fromText('user.overlay.whiteout'),
  userWhiteouts: fromText('user.overlay.whiteouts'),
  userOpaque: fromText('user.overlay.opaque'),
} as const;

const OVERLAY = 'trusted.overlay.';
const ESCAPED_OVERLAY = 'trusted.overlay.overlay.';

/**
 * overlayfs strips one `overlay.` when it shows such a name, so a tree's own overlay xattrs get one more in the
 * image.
 */
export function escapeKey(key: ByteString): ByteString {
  return key.startsWith(OVERLAY) ? ((ESCAPED_OVERLAY + key.slice(OVERLAY.length)) as ByteString) : key;
}

/** The reverse; undefined for a name that belongs to the image, not to the tree. */
export function unescapeKey(key: ByteString): ByteString | undefined {
  if (!key.startsWith(OVERLAY)) return key;
  return key.startsWith(ESCAPED_OVERLAY)
    ? ((OVERLAY + key.slice(ESCAPED_OVERLAY.length)) as ByteString)
    : undefined;
}
