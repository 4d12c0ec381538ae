import { AptLayerError } from '../../errors/index.ts';
import { toText } from '../../formats/bytes/index.ts';
import {
  ensureDirectory,
  isTemporaryName,
  listDirectory,
  syncDirectory,
  temporaryBeside,
} from '../../fs/index.ts';
import type { Sys } from '../../sys/index.ts';
import type { KernelFile, LoaderEntry, LoaderSpace } from './model.ts';

/** Directory of kernels and initramfs images in the boot directory: one file per content. */
const DIRECTORY = 'apt-layer';

/** Digits of a digest in a file's name. */
const NAME_DIGITS = 16;

const COPY_BYTES = 1024 * 1024;
/** Space is used in blocks of this size at most on the file systems that boot loaders read. */
const BLOCK_BYTES = 4096;

export function kernelName(file: KernelFile, kind: 'vmlinuz' | 'initrd'): string {
  return `${DIRECTORY}/${kind}-${file.digest.slice(0, NAME_DIGITS)}`;
}

/** The files that entries need, by name below the boot directory. */
export function kernelsOf(entries: readonly LoaderEntry[]): Map<string, KernelFile> {
  const files = new Map<string, KernelFile>();
  for (const { kernel, initrd } of entries) {
    files.set(kernelName(kernel, 'vmlinuz'), kernel);
    if (initrd !== undefined) files.set(kernelName(initrd, 'initrd'), initrd);
  }
  return files;
}

/** Copies what is not there yet in full. The names appear one by one, each with all its bytes on the disk. */
export function putKernels(sys: Sys, boot: string, files: ReadonlyMap<string, KernelFile>): void {
  ensureDirectory(sys, `${boot}/${DIRECTORY}`);
  for (const [name, file] of files)
    if (!isThere(sys, boot, { name, file })) copy(sys, file, `${boot}/${name}`);
  syncDirectory(sys, `${boot}/${DIRECTORY}`);
}

/** Removes kernels that are not among `names`, and what a killed run left. */
export function pruneKernels(sys: Sys, boot: string, names: ReadonlySet<string>): void {
  const unused = ours(sys, boot).filter(name => !names.has(name));
  for (const name of unused) sys.unlink(`${boot}/${name}`);
  if (unused.length > 0) syncDirectory(sys, `${boot}/${DIRECTORY}`);
}

/** The error of a boot directory that has no room left. */
export function noRoom(missing: number): AptLayerError {
  return new AptLayerError(
    'NO_SPACE',
    `the boot partition lacks ${Math.ceil(missing / 2 ** 20)} MiB beside what the machine boots now`,
    {
      hint: 'remove old deployments with `apt-layer cleanup --keep 1`, or foreign files from the boot partition',
    },
  );
}

export function kernelSpace(sys: Sys, boot: string, entries: readonly LoaderEntry[]): LoaderSpace {
  const files = kernelsOf(entries);
  const needed = [...files]
    .filter(([name, file]) => !isThere(sys, boot, { name, file }))
    .reduce((sum, [, file]) => sum + rounded(file.size), BLOCK_BYTES * (entries.length + 2));
  const freed = ours(sys, boot)
    .filter(name => !files.has(name))
    .reduce((sum, name) => sum + rounded(sys.lstat(`${boot}/${name}`).size), 0);
  const free = sys.space(boot).availableBytes;
  return {
    needed,
    free,
    missing: Math.max(0, needed - free),
    missingAfterPruning: Math.max(0, needed - free - freed),
  };
}

function ours(sys: Sys, boot: string): string[] {
  if (sys.lstatIfExists(`${boot}/${DIRECTORY}`) === undefined) return [];
  return listDirectory(sys, `${boot}/${DIRECTORY}`)
    .map(toText)
    .filter(name => /^(vmlinuz|initrd)-[0-9a-f]+$/.test(name) || isTemporaryName(name))
    .map(name => `${DIRECTORY}/${name}`);
}

/** A file that has its name has all its bytes; the size is looked at since other systems can write here, too. */
function isThere(sys: Sys, boot: string, wanted: { name: string; file: KernelFile }): boolean {
  return sys.lstatIfExists(`${boot}/${wanted.name}`)?.size === wanted.file.size;
}

function copy(sys: Sys, file: KernelFile, path: string): void {
  const aside = temporaryBeside(path);
  const source = sys.openRead(file.path);
  try {
    const target = sys.create(aside, 0o644);
    try {
      const buffer = Buffer.alloc(COPY_BYTES);
      for (let position = 0; position < file.size; ) {
        const count = sys.read(source, buffer, position);
        if (count === 0) throw new Error(`${file.path} is shorter than its ${file.size} bytes`);
        sys.write(target, buffer.subarray(0, count));
        position += count;
      }
      sys.fsync(target);
    } finally {
      sys.close(target);
    }
  } finally {
    sys.close(source);
  }
  sys.rename(aside, path);
}

function rounded(bytes: number): number {
  return Math.ceil(bytes / BLOCK_BYTES) * BLOCK_BYTES;
}
