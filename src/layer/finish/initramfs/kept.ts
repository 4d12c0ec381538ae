import { fromText } from '../../../formats/bytes/index.ts';
import { lookup, type RegularFile, type Tree, withNode } from '../../../formats/tree/index.ts';
import { findRef, readContent, readImage, setRefs } from '../../../store/index.ts';
import { imageOf } from '../../built-image.ts';
import type { BuildContext } from '../../context.ts';
import { placeFile } from '../../place.ts';
import { holds, type InitramfsRecord, parseRecord, serializeRecord } from './record.ts';

/** Refs of images that hold an initramfs and its record, below `images/refs`; the key of its inputs follows. */
export const INITRAMFS_REFS = 'initramfs/';
const INITRD = '/initrd.img';
const RECORD = '/record';

/** The initramfs that was made of these inputs before, if what is in it is still in the tree. */
export function findInitramfs(
  context: BuildContext,
  tree: Tree,
  { key, epochSeconds }: { key: string; epochSeconds: number },
): RegularFile | undefined {
  const image = findRef(context.store, `${INITRAMFS_REFS}${key}`);
  if (image === undefined) return undefined;
  const kept = readImage(context.store, image);
  const file = lookup(kept, fromText(RECORD));
  const initrd = lookup(kept, fromText(INITRD));
  if (file?.kind !== 'file' || initrd?.kind !== 'file') return undefined;
  const record = parseRecord(readContent(context.store, file));
  return record !== undefined && holds(tree, record, epochSeconds) ? initrd : undefined;
}

/** Keeps initramfs images for later builds, with one sync. */
export function keepInitramfs(
  context: BuildContext,
  made: readonly { readonly key: string; readonly initrd: RegularFile; readonly record: InitramfsRecord }[],
): void {
  const refs = made.map(({ key, initrd, record }) => {
    const tree = withNode(emptyRoot(initrd), fromText(INITRD), initrd);
    const whole = placeFile(context.store, tree, {
      path: RECORD,
      bytes: serializeRecord(record),
      mode: 0o644,
    });
    return { name: `${INITRAMFS_REFS}${key}`, image: imageOf(context, whole).digest };
  });
  if (refs.length > 0) setRefs(context.store, refs);
}

function emptyRoot({ mtime, mtimeNsec }: RegularFile): Tree {
  const metadata = { mode: 0o755, uid: 0, gid: 0, mtime, mtimeNsec, xattrs: undefined };
  return { ...metadata, kind: 'directory', entries: new Map() };
}

/** Digest of the initramfs that an image of such a ref holds. */
export function keptInitramfs(tree: Tree): string | undefined {
  const initrd = lookup(tree, fromText(INITRD));
  return initrd?.kind === 'file' && initrd.content.kind === 'object' ? initrd.content.digest : undefined;
}
