import fs from 'node:fs';
import { must } from './command.ts';
import { removeTreeWithMounts, temporaryDirectory, unmountBelow } from './temporary.ts';

export type FileSystemKind = 'ext4' | 'xfs' | 'btrfs';

/** A file system of its own in a file, mounted at `path` until disposal. */
export interface LoopFileSystem extends AsyncDisposable {
  readonly path: string;
  readonly kind: FileSystemKind;
  /** Takes it away and puts it back, as after a reboot: what was not written out is still there, caches are not. */
  remount(options?: string): Promise<void>;
}

/** What each mkfs accepts at least; ask for this when the size does not matter. */
export const MINIMUM_SIZE_BYTES: Readonly<Record<FileSystemKind, number>> = {
  ext4: 4 * 2 ** 20,
  xfs: 300 * 2 ** 20,
  btrfs: 110 * 2 ** 20,
};

const MKFS: Readonly<Record<FileSystemKind, readonly string[]>> = {
  // No reserved blocks: the size asked for is the size a test can fill.
  ext4: ['mkfs.ext4', '-q', '-F', '-b', '4096', '-m', '0', '-O', 'verity', '-E', 'nodiscard'],
  xfs: ['mkfs.xfs', '-q', '-f', '-m', 'reflink=1', '-K'],
  btrfs: ['mkfs.btrfs', '-q', '-f', '--nodiscard'],
};

const mounted = new Set<string>();
let exitHook = false;

/**
 * Makes and mounts a file system of `sizeBytes`: small ones to run out of space in, btrfs and xfs for reflinks.
 * The file is sparse. Unmounted on disposal, and at the end of the process when a test forgot.
 */
export async function loopFileSystem(
  kind: FileSystemKind,
  sizeBytes = MINIMUM_SIZE_BYTES[kind],
): Promise<LoopFileSystem> {
  const directory = temporaryDirectory(kind);
  const image = directory.join('image');
  const point = directory.join('mnt');
  try {
    fs.mkdirSync(point);
    fs.writeFileSync(image, '');
    fs.truncateSync(image, sizeBytes);
    const [mkfs = '', ...args] = MKFS[kind];
    await must(mkfs, [...args, image]);
    await mountLoop(image, point);
  } catch (error) {
    await directory[Symbol.asyncDispose]();
    throw error;
  }
  unmountAtExit(directory.path);
  return {
    path: point,
    kind,
    async remount(options) {
      await must('umount', [point]);
      await mountLoop(image, point, options);
    },
    async [Symbol.asyncDispose]() {
      mounted.delete(directory.path);
      await removeTreeWithMounts(directory.path);
    },
  };
}

async function mountLoop(image: string, point: string, options?: string): Promise<void> {
  await must('mount', ['-o', options === undefined ? 'loop' : `loop,${options}`, image, point]);
}

/** A test that dies before it disposes must not leave a loop device behind. */
function unmountAtExit(directory: string): void {
  mounted.add(directory);
  if (exitHook) return;
  exitHook = true;
  process.on('exit', () => {
    for (const left of mounted) {
      unmountBelow(left);
      fs.rmSync(left, { recursive: true, force: true });
    }
  });
}
