import { createHash } from 'node:crypto';
import { debUrl } from '../formats/purl/index.ts';
import type { BinaryPackage, Inventory, SourcePackage } from './model.ts';

/** A UUID that follows from a document's content: the same bytes have the same one, others have another (RFC 9562, version 8). */
export function documentUuid(content: object): string {
  const bytes = createHash('sha256').update(JSON.stringify(content)).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** In UTC and without fractions, as both formats have it. */
export function createdAt({ createdSeconds }: Inventory): string {
  return new Date(createdSeconds * 1000).toISOString().replace(/\.\d+Z$/, 'Z');
}

/** `NAME:ARCH`. */
export function packageKey({ name, architecture }: Pick<BinaryPackage, 'name' | 'architecture'>): string {
  return `${name}:${architecture}`;
}

/** `VENDOR/NAME@VERSION`. */
export function sourceKey({ vendor, name, version }: SourcePackage): string {
  return `${vendor}/${name}@${version}`;
}

/** The source packages of an inventory, each once, sorted. */
export function sourcesOf({ packages }: Inventory): SourcePackage[] {
  const all = packages.flatMap(one => [one.source, ...one.builtUsing]);
  const found = new Map(all.map(one => [sourceKey(one), one]));
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}

/** The package URL of a binary package. */
export function packageUrl(one: BinaryPackage, { system }: Inventory): string {
  return debUrl({ ...one, vendor: namespaceOf(one.vendor), distribution: system });
}

/** The package URL of a source package. */
export function sourceUrl(one: SourcePackage, { system }: Inventory): string {
  return debUrl({ ...one, vendor: namespaceOf(one.vendor), architecture: 'source', distribution: system });
}

/** Backports are the distribution's own, from the same archive. */
function namespaceOf(vendor: string): string {
  return vendor.replace(/ Backports$/, '');
}
