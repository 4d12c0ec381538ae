import { EEXIST, ENODATA, ENOTTY, EOPNOTSUPP, errnoError } from './errno.ts';
import { native } from './native.ts';

// <linux/fsverity.h>
const FS_IOC_ENABLE_VERITY = 0x40806685;
const FS_IOC_MEASURE_VERITY = 0xc0046686;
const HASH_ALGORITHMS = { sha256: 1, sha512: 2 } as const;
const BLOCK_SIZE = 4096;
const EINVAL = 22;

/** False where the kernel or the file system has no fs-verity; true also when it was on already. */
export function enableVerity(fd: number, algorithm: keyof typeof HASH_ALGORITHMS): boolean {
  // struct fsverity_enable_arg: version, hash_algorithm, block_size, salt_size, salt_ptr, sig_size, reserved...
  const argument = Buffer.alloc(128);
  argument.writeUInt32LE(1, 0);
  argument.writeUInt32LE(HASH_ALGORITHMS[algorithm], 4);
  argument.writeUInt32LE(BLOCK_SIZE, 8);
  const lib = native();
  if (lib.ioctl(fd, FS_IOC_ENABLE_VERITY, argument) === 0) return true;
  const errno = lib.errno();
  if (errno === EEXIST) return true;
  // EINVAL: a file system whose blocks are not 4096 bytes.
  if (errno === EOPNOTSUPP || errno === ENOTTY || errno === EINVAL) return false;
  throw errnoError(errno, 'FS_IOC_ENABLE_VERITY', undefined);
}

export function measureVerity(fd: number): string | undefined {
  // struct fsverity_digest: u16 algorithm, u16 size, digest
  const argument = Buffer.alloc(4 + 64);
  argument.writeUInt16LE(64, 2);
  const lib = native();
  if (lib.ioctl(fd, FS_IOC_MEASURE_VERITY, argument) === 0)
    return argument.subarray(4, 4 + argument.readUInt16LE(2)).toString('hex');
  const errno = lib.errno();
  if (errno === ENODATA || errno === EOPNOTSUPP || errno === ENOTTY) return undefined;
  throw errnoError(errno, 'FS_IOC_MEASURE_VERITY', undefined);
}
