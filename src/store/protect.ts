import { setImmediate } from 'node:timers/promises';
import { AptLayerError, errnoOf } from '../errors/index.ts';
import { syncFileSystem } from '../fs/index.ts';
import { listObjects, objectFile } from './objects.ts';
import { hasVerity, type Store } from './store.ts';

/** After so many objects it is looked whether a signal came. */
const BETWEEN_SIGNALS = 16;

/**
 * Switches fs-verity on for every object that lacks it, and checks each digest against the object's name. Resolves to how many there were.
 * Durable when it resolves; what was done when a signal stops it stays done. HOST_UNSUPPORTED where kernel or file system has no fs-verity; INTEGRITY, naming the object, where its bytes are
 * others than its name says.
 */
export async function protectStore(store: Store): Promise<number> {
  const { sys, signal } = store.host;
  if (!hasVerity(store.host, store.root, store.algorithm))
    throw new AptLayerError('HOST_UNSUPPORTED', `${store.root} is on a file system without fs-verity`, {
      hint: 'ext4 has it when made with `mkfs.ext4 -O verity` (or after `tune2fs -O verity`), btrfs always; the kernel needs CONFIG_FS_VERITY',
    });
  let count = 0;
  for (const [index, digest] of listObjects(store).digests.entries()) {
    if (index % BETWEEN_SIGNALS === 0) await setImmediate();
    signal.throwIfAborted();
    const fd = openIfExists(store, digest);
    if (fd === undefined) continue;
    try {
      if (sys.measureVerity(fd) === undefined) {
        sys.enableVerity(fd, store.algorithm);
        count += 1;
      }
      if (sys.measureVerity(fd) !== digest)
        throw new AptLayerError('INTEGRITY', `the object ${digest} has other bytes than its name says`, {
          hint: 'see `apt-layer fsck`',
        });
    } finally {
      sys.close(fd);
    }
  }
  syncFileSystem(sys, store.root);
  return count;
}

/** Undefined for an object that was collected meanwhile. */
function openIfExists(store: Store, digest: string): number | undefined {
  try {
    return store.host.sys.openRead(objectFile(store, digest));
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
