import type { ImageCheck, ImageSignature } from './model.ts';

const TEXT_MAX = 4096;
const LIST_MAX = 256;

/** Reads what a check was written as in JSON; undefined for anything else. Keys that are not known are ignored. */
export function readImageCheck(value: unknown): ImageCheck | undefined {
  const { identity, manifest, rule, signatures } = fieldsOf(value);
  if (!isLine(identity) || !isLine(manifest) || !isLine(rule) || !isList(signatures)) return undefined;
  if (!/^sha256:[0-9a-f]{64}$/.test(manifest)) return undefined;
  const read = signatures.map(readSignature);
  return read.every(one => one !== undefined) ? { identity, manifest, rule, signatures: read } : undefined;
}

function readSignature(value: unknown): ImageSignature | undefined {
  const { kind, by, keys } = fieldsOf(value);
  if (kind !== 'gpg' && kind !== 'sigstore' && kind !== 'other') return undefined;
  if (by !== 'policy' && by !== 'demand') return undefined;
  return isList(keys) && keys.every(isLine) ? { kind, by, keys } : undefined;
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && value.length <= LIST_MAX;
}

/** Text that can be shown. */
function isLine(value: unknown): value is string {
  return typeof value === 'string' && value.length <= TEXT_MAX && /^[^\x00-\x1f\x7f]+$/.test(value);
}
