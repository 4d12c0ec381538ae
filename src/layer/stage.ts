import { BOUND_PATHS } from '../apt/index.ts';
import { AptLayerError, errnoOf } from '../errors/index.ts';
import { fromText } from '../formats/bytes/index.ts';
import { lookup, type Tree, withNode } from '../formats/tree/index.ts';
import { ensureDirectory, removeTree } from '../fs/index.ts';
import { log } from '../report/index.ts';
import { type Scratch, type ScratchOptions, withScratch } from '../sandbox/index.ts';
import { imageFile, ingestFiles, objectsDirectory } from '../store/index.ts';
import type { BuildContext, BuiltImage } from './context.ts';
import { foldUpper } from './fold.ts';

export interface StageOptions {
  /** Names the stage's scratch directory. */
  readonly name: string;
  /** Bytes the stage is expected to write; decides whether they are kept in memory. */
  readonly expectedBytes: number;
}

/** More than this share of the memory that is free is never taken for a scratch layer. */
const MEMORY_SHARE = 0.4;
/** Unpacked files are rounded up to pages, and dpkg writes some of them twice. */
const EXPECTED_FACTOR = 1.5;
const EXPECTED_EXTRA_BYTES = 256 * 1024 * 1024;

/**
 * Mounts `image` with an empty layer above, lets `action` change it, and returns the tree that results. The image
 * is not changed; nothing outside the scratch directory is.
 */
export async function runStage(
  context: BuildContext,
  image: BuiltImage,
  options: StageOptions & { action: (scratch: Scratch) => Promise<void> },
): Promise<Tree> {
  const { host, store } = context;
  const directory = `${context.workDirectory}/${options.name}`;
  ensureDirectory(host.sys, directory, 0o700);
  const mount = {
    image: { imagePath: imageFile(store, image.digest), objectsPath: objectsDirectory(store) },
    directory,
  };
  const attempt = (scratchOptions: ScratchOptions) =>
    withScratch(host, scratchOptions, scratch => captured(context, image, scratch, options.action));
  const onDisk = () =>
    attempt(mount).catch((error: unknown) => {
      throw isFull(error) ? fullOnDisk(context, error) : error;
    });
  const tmpfsBytes = memoryFor(context, options.expectedBytes);
  const tree =
    tmpfsBytes === undefined
      ? await onDisk()
      : await attempt({ ...mount, tmpfsBytes }).catch((error: unknown) => {
          // What the stage writes was foreseen too low; what it changed is gone with the memory.
          if (!isFull(error)) throw error;
          log(
            host.report,
            'warning',
            `${options.name}: it did not fit into memory, so it is done again on disk`,
          );
          return onDisk();
        });
  removeTree(host.sys, directory);
  return withoutBoundPaths(image.tree, tree);
}

/** What `action` makes of the image: the tree with every file that it wrote in the store. */
async function captured(
  { host, store }: BuildContext,
  image: BuiltImage,
  scratch: Scratch,
  action: (scratch: Scratch) => Promise<void>,
): Promise<Tree> {
  await action(scratch);
  const started = performance.now();
  const folded = foldUpper(host.sys, image.tree, scratch.upper);
  const mode = scratch.upperOnDisk ? 'adopt' : 'copy';
  const digests = await ingestFiles(
    store,
    folded.pending.map(({ path, file }) => ({ path, size: file.size, mode })),
  );
  folded.pending.forEach(({ file }, index) => {
    file.content = { kind: 'object', digest: digests[index] as string };
  });
  const ms = Math.round(performance.now() - started);
  log(
    host.report,
    'debug',
    `folded ${folded.entries} entries, ${folded.pending.length} new files in ${ms} ms`,
  );
  return folded.tree;
}

function isFull(error: unknown): boolean {
  return errnoOf(error) === 'ENOSPC' || (error instanceof AptLayerError && error.code === 'NO_SPACE');
}

/** With less than this nothing more can be written that matters. */
const FULL_BYTES = 4 * 1024 * 1024;

/** Says which file system was full: that of the sysroot still is, and a sandbox's own are gone. */
function fullOnDisk({ host, sysroot, workDirectory }: BuildContext, error: unknown): AptLayerError {
  const { availableBytes, totalBytes } = host.sys.space(workDirectory);
  const said = error instanceof Error ? error.message : String(error);
  const mebibytes = (bytes: number) => `${Math.round(bytes / 1024 ** 2)} MiB`;
  const options = {
    ...(error instanceof AptLayerError ? { details: error.details } : {}),
    cause: error,
  };
  if (availableBytes < FULL_BYTES)
    return new AptLayerError(
      'NO_SPACE',
      `the file system of ${sysroot} (${mebibytes(totalBytes)}) is full: ${said}`,
      {
        ...options,
        hint: '`apt-layer cleanup` drops what no deployment needs; a script may also write without end',
      },
    );
  return new AptLayerError('NO_SPACE', `/tmp or /run of the sandbox, which are memory, are full: ${said}`, {
    ...options,
    hint: `the file system of ${sysroot} has ${mebibytes(availableBytes)} left; a script wrote more than memory holds`,
  });
}

/** Bytes of memory to give to the scratch layer, or undefined when it is to be on disk. */
function memoryFor(context: BuildContext, expectedBytes: number): number | undefined {
  const text = context.host.sys.readFile('/proc/meminfo').toString('latin1');
  const available = Number(/^MemAvailable:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) * 1024;
  const needed = expectedBytes * EXPECTED_FACTOR + EXPECTED_EXTRA_BYTES;
  return needed < available * MEMORY_SHARE ? Math.floor(available * MEMORY_SHARE) : undefined;
}

/** Drops the empty files that bwrap made to bind over, where the image had none. */
function withoutBoundPaths(before: Tree, after: Tree): Tree {
  let tree = after;
  for (const name of BOUND_PATHS) {
    const path = fromText(name);
    const node = lookup(tree, path);
    if (node?.kind === 'file' && node.size === 0 && lookup(before, path) === undefined)
      tree = withNode(tree, path, undefined);
  }
  return tree;
}
