import type { TarEntry } from './entry.ts';
import { assertRegions, type Region, readSparseBlock, type SparseFile, sparseMapReader } from './sparse.ts';

/** The body of a file with holes on its way to the handler, which gets zeros for what the archive leaves out. */
export interface SparseBody {
  /** Takes a block of a map that is not in the header; true when it was the last. */
  addBlock(block: Buffer, offset: number): boolean;
  /** The map is there, and `stored` bytes come. Refuses a map that does not fit them. */
  begin(stored: number): void;
  data(bytes: Buffer): void;
  /** Zeros up to the end of the file. */
  end(): void;
}

const ZEROS = Buffer.alloc(256 * 1024);

/** `emit` gets the file's bytes in order; pieces are views, as a handler gets them. */
export function sparseBody(entry: TarEntry, sparse: SparseFile, emit: (bytes: Buffer) => void): SparseBody {
  let regions: Region[] = typeof sparse.regions === 'string' ? [...sparse.first] : [...sparse.regions];
  const map = sparseMapReader(entry.offset);
  let next = 0;
  let done = 0;
  const fillUpTo = (end: number) => {
    while (done < end) {
      const count = Math.min(ZEROS.length, end - done);
      emit(ZEROS.subarray(0, count));
      done += count;
    }
  };
  return {
    addBlock(block, offset) {
      if (sparse.regions === 'in-body') {
        const found = map.add(block);
        regions = found ?? regions;
        return found !== undefined;
      }
      const found = readSparseBlock(block, offset);
      regions = regions.concat(found.regions);
      return !found.more;
    },
    begin(stored) {
      assertRegions({ regions, size: entry.size }, { stored, offset: entry.offset, path: entry.rawPath });
    },
    data(bytes) {
      for (let at = 0; at < bytes.length; ) {
        const { offset, length } = regions[next]!;
        fillUpTo(offset);
        const count = Math.min(bytes.length - at, offset + length - done);
        if (count > 0) emit(bytes.subarray(at, at + count));
        done += count;
        at += count;
        if (done === offset + length) next += 1;
      }
    },
    end: () => fillUpTo(entry.size),
  };
}
