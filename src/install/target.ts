import { AptLayerError } from '../errors/index.ts';
import { S_IFBLK, S_IFMT, S_IFREG } from '../formats/tree/index.ts';
import type { Host } from '../host/index.ts';
import { mebibytes } from './size.ts';

/** What is to become a disk. */
export interface DiskTarget {
  /** Absolute, without links. */
  readonly path: string;
  readonly kind: 'file' | 'device';
  readonly sizeBytes: number;
  /** Of a logical sector. */
  readonly sectorBytes: number;
  /** The file does not exist yet, or is made anew: it is created with `sizeBytes`. */
  readonly create: boolean;
}

export interface TargetRequest {
  readonly path: string;
  /** For a file that is to be made. */
  readonly sizeBytes: number | undefined;
  /** What is on it may go. */
  readonly wipe: boolean;
}

const SECTOR_BYTES = 512;

/** Looks at what the user named and refuses what must not be overwritten. Changes nothing. */
export async function inspectTarget(host: Host, request: TargetRequest): Promise<DiskTarget> {
  const path = await realPath(host, request.path);
  const stat = host.sys.lstatIfExists(path);
  if (stat === undefined) return newFile(path, request);
  const type = stat.mode & S_IFMT;
  if (type === S_IFBLK) return await device(host, path, request);
  if (type !== S_IFREG)
    throw new AptLayerError('USAGE', `${path} is neither a disk nor a file`, {
      hint: 'name a block device such as /dev/sdb, or a file that becomes a disk image',
    });
  await refuseAttached(host, path);
  if (stat.size === 0) return newFile(path, request);
  if (!request.wipe) {
    if (request.sizeBytes !== undefined)
      throw notEmpty(path, `it exists already, with ${mebibytes(stat.size)}`);
    await refuseContent(host, path);
  }
  if (request.sizeBytes !== undefined) return { ...newFile(path, request), create: true };
  return { path, kind: 'file', sizeBytes: stat.size, sectorBytes: SECTOR_BYTES, create: false };
}

function newFile(path: string, { sizeBytes }: TargetRequest): DiskTarget {
  if (sizeBytes === undefined)
    throw new AptLayerError('USAGE', `${path} does not exist`, {
      hint: path.startsWith('/dev/')
        ? 'see `lsblk` for the disks of this machine'
        : 'give --size to make a disk image of that size',
    });
  return { path, kind: 'file', sizeBytes, sectorBytes: SECTOR_BYTES, create: true };
}

async function device(host: Host, path: string, request: TargetRequest): Promise<DiskTarget> {
  if (request.sizeBytes !== undefined)
    throw new AptLayerError('USAGE', '--size is for a file; a disk has its own size');
  await refuseUsed(host, path);
  if (!request.wipe) await refuseContent(host, path);
  const [sizeBytes = 0, sectorBytes = SECTOR_BYTES] = (
    await output(host, 'blockdev', '--getsize64', '--getss', path)
  )
    .split('\n')
    .map(Number);
  return { path, kind: 'device', sizeBytes, sectorBytes, create: false };
}

async function refuseUsed(host: Host, path: string): Promise<void> {
  const text = await output(host, 'lsblk', '--json', '--output', 'PATH,TYPE,MOUNTPOINTS', '--', path);
  const { isPartition, uses } = parseListing(JSON.parse(text));
  if (isPartition)
    throw new AptLayerError('USAGE', `${path} is a partition, not a disk`, {
      hint: 'name the whole disk, or mount a file system on it and use `install to-filesystem`',
    });
  if (uses.length > 0)
    throw new AptLayerError('FAILED', `${path} is in use: ${uses.join(', ')}`, {
      hint: 'unmount it first; --wipe does not overwrite what is in use',
      details: { inUse: uses },
    });
}

/** What `lsblk --json` shows of a disk: what of it is mounted, and what is made of it (LVM, RAID, encryption). */
export function parseListing(listing: unknown): { isPartition: boolean; uses: readonly string[] } {
  const uses: string[] = [];
  const visit = (nodes: unknown, depth: number) => {
    if (!Array.isArray(nodes)) return;
    for (const node of nodes as readonly Record<string, unknown>[]) {
      const [path, type] = [String(node['path']), String(node['type'])];
      const points = Array.isArray(node['mountpoints']) ? node['mountpoints'] : [];
      const mounted = points.filter(point => typeof point === 'string');
      uses.push(...mounted.map(point => `${path} on ${point}`));
      if (depth > 0 && type !== 'part' && mounted.length === 0) uses.push(`${path} (${type})`);
      visit(node['children'], depth + 1);
    }
  };
  const disks = (listing as Record<string, unknown>)['blockdevices'];
  visit(disks, 0);
  const [disk] = Array.isArray(disks) ? (disks as readonly Record<string, unknown>[]) : [];
  return { isPartition: disk?.['type'] === 'part', uses };
}

async function refuseAttached(host: Host, path: string): Promise<void> {
  const text = await output(host, 'losetup', '--noheadings', '--output', 'NAME', '--associated', path);
  const [first] = text.split('\n').filter(line => line.trim() !== '');
  if (first !== undefined)
    throw new AptLayerError('FAILED', `${path} is in use as ${first.trim()}`, {
      hint: `unmount it, or detach it with \`losetup --detach ${first.trim()}\``,
    });
}

/** Signatures of file systems, partition tables, RAID, LVM, encryption: whatever wipefs knows. */
async function refuseContent(host: Host, path: string): Promise<void> {
  const text = await output(host, 'wipefs', '--noheadings', '--output', 'TYPE', path);
  const types = [...new Set(text.split('\n').map(line => line.trim()))].filter(line => line !== '');
  if (types.length > 0) throw notEmpty(path, `it has ${types.join(', ')}`);
}

function notEmpty(path: string, why: string): AptLayerError {
  return new AptLayerError('FAILED', `${path} is not empty: ${why}`, {
    hint: '--wipe overwrites it: everything on it is lost',
  });
}

async function realPath(host: Host, path: string): Promise<string> {
  const { stdout } = await host.runner.run({ tool: 'realpath', args: ['-z', '--', path] });
  return stdout.toString('utf8').replace(/\0$/, '');
}

async function output(host: Host, tool: string, ...args: readonly string[]): Promise<string> {
  return (await host.runner.run({ tool, args })).stdout.toString('utf8').trim();
}
