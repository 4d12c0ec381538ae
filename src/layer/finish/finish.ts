import type { RegularFile, Tree } from '../../formats/tree/index.ts';
import { putObject, readContent } from '../../store/index.ts';
import type { BuildContext } from '../context.ts';
import type { AccountIds } from './account-ids.ts';
import { clampTimes } from './clamp-times.ts';
import type { ContentAccess } from './content.ts';
import { withDkmsPlace } from './dkms-place.ts';
import { withoutIdentity } from './identity.ts';
import { clampKeystore } from './java-keystore.ts';
import { relocate } from './layout/index.ts';
import { withDirectoryPassword } from './ldap-directory.ts';
import { shippedPaths, withLinksAtBoot } from './machine-links.ts';
import { normalizeShadow } from './shadow.ts';
import { withStableIds } from './stable-ids.ts';
import { stripSecrets } from './strip-secrets.ts';
import { withoutVolatile } from './volatile.ts';

/**
 * What every image is before it is written: without what is volatile, secret or of the day of its build, so that the same
 * packages give the same image on any day; with its accounts under the numbers that are known for
 * them, and in the layout of an image (layout/).
 */
export function finishTree(
  context: BuildContext,
  tree: Tree,
  options: {
    /** No time is later than this, in seconds. */
    readonly epochSeconds: number;
    readonly ids: AccountIds;
  },
): Tree {
  const access = accessOf(context);
  const { epochSeconds, ids } = options;
  const owned = withStableIds(withoutTraces(context, tree), ids, access);
  const plain = clampKeystore(owned, epochSeconds, access);
  const placed = withDkmsPlace(relocate(plain, shippedPaths(plain, access)), access);
  return clampTimes(withLinksAtBoot(placed, access), epochSeconds);
}

/**
 * A tree that others are made of, in the layout that apt and dpkg know: without what is volatile, secret or of the day of its build, and with no
 * time later than `epochSeconds`.
 */
export function strippedTree(context: BuildContext, tree: Tree, epochSeconds: number): Tree {
  const plain = clampKeystore(withoutTraces(context, tree), epochSeconds, accessOf(context));
  return clampTimes(plain, epochSeconds);
}

function withoutTraces(context: BuildContext, tree: Tree): Tree {
  const stripped = withoutSecrets(context, withoutIdentity(withoutVolatile(tree)));
  return normalizeShadow(stripped, accessOf(context));
}

/**
 * The tree without the secrets of a machine, and with what makes them there. To be called before anything is made of the tree that may
 * hold a copy of one, as an initramfs does.
 */
export function withoutSecrets(context: BuildContext, tree: Tree): Tree {
  const access = accessOf(context);
  return stripSecrets(withDirectoryPassword(tree, access), access);
}

function accessOf({ store }: BuildContext): ContentAccess {
  return {
    read: (file: RegularFile) => readContent(store, file),
    put: (bytes: Buffer) => putObject(store, bytes),
  };
}
