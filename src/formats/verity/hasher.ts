import { hash } from 'node:crypto';
import { DIGEST_ALGORITHMS, type DigestAlgorithm } from './algorithm.ts';

/** fs-verity block size, of data and of the hash tree. */
const VERITY_BLOCK_BYTES = 4096;

const DESCRIPTOR_BYTES = 256;
const ZERO_BLOCK = Buffer.alloc(VERITY_BLOCK_BYTES);
const LOG2_BLOCK = 12;

/** Computes an fs-verity digest from pieces of any size; memory is one block per level of the hash tree. */
export interface VerityHasher {
  update(chunk: Uint8Array): void;
  /** The digest in lower-case hex. Ends the hasher: nothing may be called after it. */
  digest(): string;
}

/** One level of the Merkle tree: the hashes since its last full block. */
interface Level {
  readonly block: Buffer;
  fill: number;
  hashes: number;
}

/** A hasher without salt and with 4096-byte blocks, as composefs and `fsverity digest` do it. */
export function verityHasher(algorithm: DigestAlgorithm): VerityHasher {
  const { hashBytes } = DIGEST_ALGORITHMS[algorithm];
  const levels: Level[] = [];
  const partial = Buffer.alloc(VERITY_BLOCK_BYTES);
  let partialFill = 0;
  let totalBytes = 0;

  // Holes of a file are many such blocks: comparing costs a twentieth of hashing, and ends at the first byte of others.
  const zeroHash = hash(algorithm, ZERO_BLOCK, 'binary');
  const hashOf = (block: Uint8Array) =>
    block[0] === 0 && ZERO_BLOCK.equals(block) ? zeroHash : hash(algorithm, block, 'binary');

  // 'binary' is the cheapest way to get a short hash out of node:crypto: no Buffer is made for it.
  const add = (index: number, block: Uint8Array): void => {
    if (index === levels.length) levels.push({ block: Buffer.alloc(VERITY_BLOCK_BYTES), fill: 0, hashes: 0 });
    const level = levels[index]!;
    level.block.write(hashOf(block), level.fill, 'latin1');
    level.fill += hashBytes;
    level.hashes += 1;
    if (level.fill === VERITY_BLOCK_BYTES) flush(index);
  };
  const flush = (index: number): void => {
    const level = levels[index]!;
    add(index + 1, level.block.fill(0, level.fill));
    level.fill = 0;
  };

  return {
    update(chunk) {
      totalBytes += chunk.length;
      let offset = 0;
      if (partialFill > 0) {
        offset = Math.min(VERITY_BLOCK_BYTES - partialFill, chunk.length);
        partial.set(chunk.subarray(0, offset), partialFill);
        partialFill += offset;
        if (partialFill < VERITY_BLOCK_BYTES) return;
        add(0, partial);
        partialFill = 0;
      }
      for (; offset + VERITY_BLOCK_BYTES <= chunk.length; offset += VERITY_BLOCK_BYTES) {
        add(0, chunk.subarray(offset, offset + VERITY_BLOCK_BYTES));
      }
      partial.set(chunk.subarray(offset));
      partialFill = chunk.length - offset;
    },
    digest() {
      if (partialFill > 0) add(0, partial.fill(0, partialFill));
      for (let index = 0; index < levels.length; index++) {
        const level = levels[index]!;
        if (level.hashes > 1 && level.fill > 0) flush(index);
      }
      const root = levels.at(-1)?.block.subarray(0, hashBytes);
      return hash(algorithm, describe(algorithm, totalBytes, root), 'hex');
    },
  };
}

/** The fs-verity digest of data in memory, in lower-case hex; of empty data as the kernel has it (root hash zero). */
export function verityDigest(data: Uint8Array, algorithm: DigestAlgorithm): string {
  const hasher = verityHasher(algorithm);
  hasher.update(data);
  return hasher.digest();
}

/** `struct fsverity_descriptor` without salt and signature. */
function describe(algorithm: DigestAlgorithm, sizeBytes: number, root: Uint8Array | undefined): Buffer {
  const descriptor = Buffer.alloc(DESCRIPTOR_BYTES);
  descriptor[0] = 1;
  descriptor[1] = DIGEST_ALGORITHMS[algorithm].number;
  descriptor[2] = LOG2_BLOCK;
  descriptor.writeUIntLE(sizeBytes % 2 ** 32, 8, 4);
  descriptor.writeUIntLE(Math.floor(sizeBytes / 2 ** 32), 12, 4);
  if (root !== undefined) descriptor.set(root, 16);
  return descriptor;
}
