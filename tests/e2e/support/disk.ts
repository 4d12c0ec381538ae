import fs from 'node:fs';
import { execute, must } from '../../support/command.ts';

const BLOCK_BYTES = 4096;
const SECTOR_BYTES = 512;

/** An ext4, in the form that e2fsprogs take it: a file, with `?offset=BYTES` when it is not all of it. */
export type FileSystem = string;

interface Partition {
  readonly name: string;
  readonly start: number;
  readonly size: number;
}

/** The ext4 of a partition, where it is in the raw disk. Not for e2fsck, which loses the offset when it plays a journal back. */
export async function partition(raw: string, name: string): Promise<FileSystem> {
  return `${raw}?offset=${(await partitionOf(raw, name)).start * SECTOR_BYTES}`;
}

/** A partition of a raw disk as a file of its own, beside it. */
export async function extracted(raw: string, name: string): Promise<FileSystem> {
  const { start, size } = await partitionOf(raw, name);
  const file = `${raw}.${name}`;
  const range = [`bs=${SECTOR_BYTES}`, `skip=${start}`, `count=${size}`];
  await must('dd', [`if=${raw}`, `of=${file}`, 'conv=sparse', 'status=none', ...range]);
  return file;
}

async function partitionOf(raw: string, name: string): Promise<Partition> {
  const { partitiontable } = JSON.parse(await must('sfdisk', ['--json', raw])) as {
    partitiontable: { partitions: Partition[] };
  };
  const found = partitiontable.partitions.find(one => one.name === name);
  if (found === undefined) throw new Error(`${raw} has no partition '${name}'`);
  return found;
}

/** What a command of debugfs(8) prints; nothing when it fails, since debugfs does not say so. */
export async function debugfs(fileSystem: FileSystem, command: string): Promise<string> {
  return (await execute('debugfs', ['-R', command, fileSystem])).stdout;
}

/** Changes one bit of an object of the store behind the system's back. */
export async function tamper(fileSystem: FileSystem, digest: string): Promise<void> {
  const inside = `/composefs/objects/${digest.slice(0, 2)}/${digest.slice(2)}`;
  const block = Number((await debugfs(fileSystem, `bmap ${inside} 0`)).trim());
  if (!(block > 0)) throw new Error(`${inside} has no block on the disk`);
  const [file = '', offset = '0'] = fileSystem.split('?offset=');
  const position = Number(offset) + block * BLOCK_BYTES;
  const fd = fs.openSync(file, 'r+');
  try {
    const byte = Buffer.alloc(1);
    fs.readSync(fd, byte, 0, 1, position);
    fs.writeSync(fd, Buffer.of(byte.readUInt8() ^ 1), 0, 1, position);
  } finally {
    fs.closeSync(fd);
  }
}
