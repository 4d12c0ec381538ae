import type { ByteString } from '../bytes/index.ts';
import type { Xattrs } from '../tree/index.ts';
import {
  XATTR_BUDGET,
  XATTR_BUDGET_EACH,
  XATTR_BUDGET_START,
  XATTR_KEY_MAX,
  XATTR_VALUE_MAX,
} from './constants.ts';

/** Why an image cannot hold these xattrs; undefined when it can. */
export function xattrProblem(xattrs: Xattrs): string | undefined {
  let spent = XATTR_BUDGET_START;
  for (const [key, value] of xattrs) {
    if (key.length === 0 || key.length > XATTR_KEY_MAX || key.includes('\0')) {
      return `an xattr name of ${key.length} bytes, not 1..${XATTR_KEY_MAX} without NUL`;
    }
    if (value.length > XATTR_VALUE_MAX)
      return `an xattr value of ${value.length} bytes; the most is ${XATTR_VALUE_MAX}`;
    spent += XATTR_BUDGET_EACH + key.length + value.length;
  }
  return spent > XATTR_BUDGET ? `xattrs that take ${spent} bytes; the most is ${XATTR_BUDGET}` : undefined;
}

/**
 * Sets xattrs that the image adds to an inode. False when mkcomposefs would refuse: its count of the added bytes
 * starts at zero here, so replacing a value that is longer than what was added before takes it below zero. Trees with
 * whiteouts and their own overlay marks can meet that.
 */
export function addXattrs(
  xattrs: Map<ByteString, ByteString>,
  added: readonly (readonly [ByteString, string])[],
): boolean {
  let total = 0;
  for (const [key, value] of added) {
    const replaced = xattrs.get(key);
    if (replaced !== undefined) {
      xattrs.delete(key);
      total = xattrs.size === 0 ? 0 : total - XATTR_BUDGET_EACH - key.length - replaced.length;
    }
    if (xattrs.size === 0) total += XATTR_BUDGET_START;
    total += XATTR_BUDGET_EACH + key.length + value.length;
    xattrs.set(key, value as ByteString);
    if (total < 0 || total > XATTR_BUDGET) return false;
  }
  return true;
}
