import { AptLayerError } from '../errors/index.ts';
import { readFileBytes } from '../fs/index.ts';
import type { Sys } from '../sys/index.ts';

const MAX_KEYRING_BYTES = 4 * 1024 * 1024;

export interface KeyringFile {
  readonly bytes: Buffer;
  /** By which apt tells the two forms apart. */
  readonly extension: 'asc' | 'gpg';
}

/** Reads a keyring that apt can use. Throws SIGNATURE when it does not exist or is something else. */
export function readKeyring(sys: Sys, path: string): KeyringFile {
  let bytes: Buffer;
  try {
    bytes = readFileBytes(sys, path, MAX_KEYRING_BYTES);
  } catch (error) {
    if (!(error instanceof AptLayerError)) throw error;
    throw new AptLayerError('SIGNATURE', `the keyring cannot be read: ${error.message}`, {
      hint: 'correct the path of the keyring in the spec: without it nothing can be verified',
      cause: error,
    });
  }
  return keyringOf(bytes, path);
}

/** The form of a keyring's bytes; `name` is for messages. */
export function keyringOf(bytes: Buffer, name: string): KeyringFile {
  if (bytes.includes('-----BEGIN PGP PUBLIC KEY BLOCK-----')) return { bytes, extension: 'asc' };
  // An OpenPGP packet "public key" (tag 6), in the old or the new form of its header: RFC 9580, 4.2.
  const first = bytes[0] ?? 0;
  if ((first & 0xfc) === 0x98 || first === 0xc6) return { bytes, extension: 'gpg' };
  const keybox = bytes.subarray(8, 12).equals(Buffer.from('KBXf'));
  throw new AptLayerError('SIGNATURE', `${name} is no keyring that apt can read`, {
    hint: keybox
      ? `convert it: gpg --no-default-keyring --keyring ${name} --export > keyring.gpg`
      : 'it must hold OpenPGP public keys, binary or ASCII-armoured',
  });
}
