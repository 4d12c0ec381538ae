import { createHash, createPublicKey } from 'node:crypto';
import { AptLayerError } from '../../errors/index.ts';
import { readFileBytes } from '../../fs/index.ts';
import type { Host } from '../../host/index.ts';
import { CommandFailed } from '../../process/index.ts';
import { withStage } from '../stage.ts';

/** A key that images may be signed with. */
export interface PublicKey {
  readonly kind: 'gpg' | 'sigstore';
  /** As it was given: a keyring, armored or not, or a PEM block. */
  readonly bytes: Buffer;
  /** Of each OpenPGP key of a keyring, or the SHA-256 of the one public key of sigstore, `sha256:HEX`. */
  readonly fingerprints: readonly string[];
}

const KEY_MAX_BYTES = 4 * 1024 * 1024;
const SIGSTORE_KEY = '-----BEGIN PUBLIC KEY-----';

/** Reads a key: which kind it is, its bytes say. `name` is for messages. CONFIG_INVALID for what is none, and for private ones. */
export async function readPublicKey(host: Host, bytes: Buffer, name: string): Promise<PublicKey> {
  if (/-----BEGIN [A-Z ]*PRIVATE KEY/.test(bytes.toString('latin1')))
    throw invalid(`${name} is a private key`, 'give the public one, and consider the private one as leaked');
  return bytes.includes(SIGSTORE_KEY)
    ? { kind: 'sigstore', bytes, fingerprints: [sigstoreFingerprint(bytes, name)] }
    : { kind: 'gpg', bytes, fingerprints: await keyringFingerprints(host, bytes, name) };
}

/** The same of a file. NOT_FOUND where there is none. */
export function readKeyFile(host: Host, path: string): Promise<PublicKey> {
  return readPublicKey(host, readFileBytes(host.sys, path, KEY_MAX_BYTES), path);
}

function sigstoreFingerprint(bytes: Buffer, name: string): string {
  try {
    const key = createPublicKey({ key: bytes, format: 'pem' }).export({ type: 'spki', format: 'der' });
    return `sha256:${createHash('sha256').update(key).digest('hex')}`;
  } catch (error) {
    throw invalid(
      `${name} has no public key that can be read`,
      'give it as cosign or skopeo wrote it',
      error,
    );
  }
}

/** gpg lists what is in a keyring; it looks at no other key, since its home is empty. */
function keyringFingerprints(host: Host, bytes: Buffer, name: string): Promise<string[]> {
  return withStage(host, host.runDirectory, async home => {
    const options = ['--homedir', home, '--no-options', '--batch', '--no-autostart', '--with-colons'];
    const command = { tool: 'gpg', args: [...options, '--show-keys'], stdin: bytes };
    const listed = await host.runner.run(command, { timeoutMs: 60_000 }).catch((error: unknown) => {
      if (error instanceof CommandFailed) throw invalid(`${name} is no keyring`, KEYRING, error);
      throw error;
    });
    const found = [
      ...listed.stdout
        .toString('latin1')
        .matchAll(/^pub:.*\n(?:(?!sub:|pub:).*\n)*?fpr:+([0-9A-F]{40,64}):/gm),
    ];
    if (found.length === 0) throw invalid(`${name} has no key in it`, KEYRING);
    return found.map(([, fingerprint = '']) => fingerprint);
  });
}

const KEYRING = 'it must hold OpenPGP public keys, or one public key of sigstore (PEM)';

function invalid(message: string, hint: string, cause?: unknown): AptLayerError {
  return new AptLayerError('CONFIG_INVALID', message, { hint, cause });
}
