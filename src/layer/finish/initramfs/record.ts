import { type ByteString, fromBuffer } from '../../../formats/bytes/index.ts';
import type { Tree } from '../../../formats/tree/index.ts';
import { fingerprint } from './fingerprint.ts';
import { nodeAt } from './inputs.ts';

/** What of the system is in an initramfs: a path and the fingerprint of what was there, `-` for nothing. */
export type InitramfsRecord = readonly { readonly path: string; readonly fingerprint: string }[];

/** In the key already, and many; and what is made anew for the initramfs, whose libraries are what counts. */
const LEFT_OUT = /^\/(?:(?:usr\/)?lib\/(?:modules|firmware)\/|etc\/ld\.so\.cache$)/;

/** The record of an initramfs made from `tree` that has these paths in it. Directories say nothing. */
export function recordOf(tree: Tree, paths: readonly string[], epochSeconds: number): InitramfsRecord {
  const named = [...new Set(paths)].filter(path => !LEFT_OUT.test(path)).sort();
  return named.flatMap(path => {
    const found = fingerprintAt(tree, path, epochSeconds);
    return found === undefined ? [] : [{ path, fingerprint: found }];
  });
}

/** Whether the tree still has all of it as it was. */
export function holds(tree: Tree, record: InitramfsRecord, epochSeconds: number): boolean {
  return record.every(entry => fingerprintAt(tree, entry.path, epochSeconds) === entry.fingerprint);
}

function fingerprintAt(tree: Tree, path: string, epochSeconds: number): string | undefined {
  const node = nodeAt(tree, path);
  if (node?.kind === 'directory') return undefined;
  return node === undefined ? '-' : fingerprint(node, epochSeconds);
}

/** One line for each entry. */
export function serializeRecord(record: InitramfsRecord): Buffer {
  return Buffer.from(record.map(({ path, fingerprint: print }) => `${print} ${path}\n`).join(''), 'latin1');
}

/** The inverse; undefined for bytes of any other form. */
export function parseRecord(bytes: Buffer): InitramfsRecord | undefined {
  const text: ByteString = fromBuffer(bytes);
  if (text !== '' && !text.endsWith('\n')) return undefined;
  const record: { path: string; fingerprint: string }[] = [];
  for (const line of text.split('\n').slice(0, -1)) {
    const [, print, path] = /^(-|[0-9a-f]{64}) (\/.*)$/.exec(line) ?? [];
    if (print === undefined || path === undefined) return undefined;
    record.push({ path, fingerprint: print });
  }
  return record;
}
