import { createHash, type Hash } from 'node:crypto';
import { type ByteString, toBuffer } from '../../../formats/bytes/index.ts';
import type { Directory, Node, Seconds } from '../../../formats/tree/index.ts';

/** Digest of a node with all below it: names, kinds, metadata, contents. No time is later than `epochSeconds`. */
export function fingerprint(node: Node, epochSeconds: number): string {
  const hash = createHash('sha256');
  add(hash, node, epochSeconds);
  return hash.digest('hex');
}

function add(hash: Hash, node: Node, epochSeconds: number): void {
  hash.update(`${node.kind} ${node.mode} ${node.uid} ${node.gid} `);
  switch (node.kind) {
    case 'directory':
      addEntries(hash, node, epochSeconds);
      return;
    case 'file':
      hash.update(`${clamped(node.mtime, epochSeconds)} ${node.size} `);
      if (node.content.kind === 'inline') hash.update(node.content.bytes);
      else hash.update(String(node.content.digest));
      return;
    case 'symlink':
      hash.update(toBuffer(node.target));
      return;
    default:
      hash.update(String(node.rdev));
  }
}

/** A directory's own time says only when something was last put into it. */
function addEntries(hash: Hash, directory: Directory, epochSeconds: number): void {
  for (const name of [...directory.entries.keys()].sort()) {
    hash.update(`\0${toBuffer(name).toString('hex')} `);
    add(hash, directory.entries.get(name) as Node, epochSeconds);
  }
  hash.update('\0/');
}

function clamped(mtime: Seconds, epochSeconds: number): Seconds {
  return mtime > epochSeconds ? epochSeconds : mtime;
}

/** The directory without some of its entries. */
export function without(directory: Directory, names: readonly ByteString[]): Directory {
  const entries = new Map(directory.entries);
  for (const name of names) entries.delete(name);
  return { ...directory, entries };
}
