import { createHash } from 'node:crypto';
import { fromText } from '../../formats/bytes/index.ts';
import { lookup, type Tree, withNode } from '../../formats/tree/index.ts';
import { type ContentAccess, withContent } from './content.ts';

const PATH = fromText('/etc/ssl/certs/java/cacerts');
/** The one that Debian's script has unless an administrator changed it. */
const PASSWORD = 'changeit';
const MAGIC = 0xfeedfeed;
const VERSION = 2;
const TRUSTED_CERTIFICATE = 2;
const DIGEST_BYTES = 20;

/**
 * The tree with the certificates that Java trusts added at `epochSeconds`, if they were added later: ca-certificates-java
 * writes down when it did. A key store of another kind or with another password stays as it is.
 */
export function clampKeystore(tree: Tree, epochSeconds: number, access: ContentAccess): Tree {
  const file = lookup(tree, PATH);
  if (file?.kind !== 'file') return tree;
  const bytes = access.read(file);
  const clamped = withoutLaterTimes(bytes, epochSeconds);
  return clamped === undefined || clamped.equals(bytes)
    ? tree
    : withNode(tree, PATH, withContent(file, clamped, access));
}

/**
 * A Java key store (JKS, version 2: the format of sun.security.provider.JavaKeyStore) of trusted certificates in which no time is
 * later; undefined when it is none, is damaged, or has another password.
 */
export function withoutLaterTimes(bytes: Buffer, epochSeconds: number): Buffer | undefined {
  const end = bytes.length - DIGEST_BYTES;
  if (end < 12 || !digestOf(bytes.subarray(0, end)).equals(bytes.subarray(end))) return undefined;
  if (bytes.readUInt32BE(0) !== MAGIC || bytes.readUInt32BE(4) !== VERSION) return undefined;
  const result = Buffer.from(bytes);
  const latest = BigInt(epochSeconds) * 1000n;
  let offset = 12;
  for (let left = bytes.readUInt32BE(8); left > 0; left -= 1) {
    const time = timeOffset(result, offset, end);
    if (time === undefined) return undefined;
    if (result.readBigInt64BE(time) > latest) result.writeBigInt64BE(latest, time);
    offset = afterCertificate(result, time + 8, end);
    if (offset > end) return undefined;
  }
  if (offset !== end) return undefined;
  digestOf(result.subarray(0, end)).copy(result, end);
  return result;
}

/** Where an entry has its time: after a tag and a name with its length. */
function timeOffset(bytes: Buffer, offset: number, end: number): number | undefined {
  if (offset + 6 > end || bytes.readUInt32BE(offset) !== TRUSTED_CERTIFICATE) return undefined;
  const time = offset + 6 + bytes.readUInt16BE(offset + 4);
  return time + 8 > end ? undefined : time;
}

/** Where a certificate ends: the name of its type and its bytes, each with a length. Beyond the end when it does not fit. */
function afterCertificate(bytes: Buffer, offset: number, end: number): number {
  if (offset + 2 > end) return end + 1;
  const length = offset + 2 + bytes.readUInt16BE(offset);
  return length + 4 > end ? end + 1 : length + 4 + bytes.readUInt32BE(length);
}

/** The password as UTF-16, the words that its makers chose, and what is signed. */
function digestOf(signed: Buffer): Buffer {
  const password = Buffer.from(PASSWORD, 'utf16le').swap16();
  return createHash('sha1').update(password).update('Mighty Aphrodite').update(signed).digest();
}
