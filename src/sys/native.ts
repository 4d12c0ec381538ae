import { createRequire } from 'node:module';

/** libc functions that node:fs does not have. Paths and buffers are passed as pointers to bytes. */
export interface Native {
  statx(dirfd: number, path: Buffer, flags: number, mask: number, out: Buffer): number;
  llistxattr(path: Buffer, list: Buffer | null, size: number): number;
  lgetxattr(path: Buffer, name: Buffer, value: Buffer | null, size: number): number;
  lsetxattr(path: Buffer, name: Buffer, value: Buffer, size: number, flags: number): number;
  lremovexattr(path: Buffer, name: Buffer): number;
  mknod(path: Buffer, mode: number, device: number): number;
  renameat2(fromFd: number, from: Buffer, toFd: number, to: Buffer, flags: number): number;
  linkat(fromFd: number, from: Buffer, toFd: number, to: Buffer, flags: number): number;
  utimensat(dirfd: number, path: Buffer, times: Buffer, flags: number): number;
  flock(fd: number, operation: number): number;
  syncfs(fd: number): number;
  lseek64(fd: number, offset: number, whence: number): number | bigint;
  ioctl(fd: number, request: number, argument: Buffer): number;
  ioctlInt(fd: number, request: number, argument: number): number;
  /** A system call that libc has no function for, with two arguments. */
  syscall(number: number, first: number, second: Buffer | null): number;
  /** Where a buffer's bytes are; they stay there as long as the buffer lives. */
  addressOf(buffer: Buffer): number | bigint;
  errno(): number;
}

interface Koffi {
  load(
    library: string | null,
    options?: { readonly deep: boolean },
  ): { func(prototype: string): (...args: unknown[]) => number };
  errno(): number;
}

let loaded: Native | undefined;

/** Whether the addon is there already: what node:fs can do as well is not worth the 10 ms of loading it. */
export function isNativeLoaded(): boolean {
  return loaded !== undefined;
}

/**
 * The bindings, made at the first call: a command that only reads state never loads the addon.
 * Throws when koffi has no build for this machine.
 */
export function native(): Native {
  loaded ??= bind();
  return loaded;
}

/**
 * A shared library by its soname. Throws when it is not installed. It prefers its own symbols (RTLD_DEEPBIND): node
 * brings zlib, and newer ones zstd, of another version under the same names.
 */
export function loadLibrary(name: string): ReturnType<Koffi['load']> {
  return koffiModule().load(name, { deep: true });
}

function koffiModule(): Koffi {
  return createRequire(import.meta.url)('koffi') as Koffi;
}

function bind(): Native {
  const koffi = koffiModule();
  const libc = koffi.load(null);
  const memmove = libc.func('uintptr_t memmove(void *, void *, size_t)');
  return {
    statx: libc.func('int statx(int, void *, int, unsigned int, void *)'),
    llistxattr: libc.func('intptr_t llistxattr(void *, void *, size_t)'),
    lgetxattr: libc.func('intptr_t lgetxattr(void *, void *, void *, size_t)'),
    lsetxattr: libc.func('int lsetxattr(void *, void *, void *, size_t, int)'),
    lremovexattr: libc.func('int lremovexattr(void *, void *)'),
    mknod: libc.func('int mknod(void *, unsigned int, uint64_t)'),
    renameat2: libc.func('int renameat2(int, void *, int, void *, unsigned int)'),
    linkat: libc.func('int linkat(int, void *, int, void *, int)'),
    utimensat: libc.func('int utimensat(int, void *, void *, int)'),
    flock: libc.func('int flock(int, int)'),
    syncfs: libc.func('int syncfs(int)'),
    lseek64: libc.func('int64_t lseek64(int, int64_t, int)'),
    // Variadic in C; on every Linux ABI that koffi supports a fixed third argument is the same call.
    ioctl: libc.func('int ioctl(int, unsigned long, void *)'),
    ioctlInt: libc.func('int ioctl(int, unsigned long, int)'),
    syscall: libc.func('long syscall(long, long, void *)'),
    addressOf: buffer => memmove(buffer, buffer, 0),
    errno: () => koffi.errno(),
  };
}
