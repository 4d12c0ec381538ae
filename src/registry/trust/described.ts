import { AptLayerError } from '../../errors/index.ts';
import type { Requirement } from '../../formats/containers-policy/index.ts';
import type { ImageCheck, ImageSignature } from '../../formats/image-check/index.ts';
import type { Host } from '../../host/index.ts';
import { type PublicKey, readKeyFile, readPublicKey } from './public-key.ts';
import type { ImageDemand } from './trust.ts';

/** The signature that a requirement demands, by its keys; undefined for one that demands none. CONFIG_INVALID for keys that cannot be read. */
export async function demandedBy(host: Host, requirement: Requirement): Promise<ImageSignature | undefined> {
  const { type } = requirement;
  if (type === 'insecureAcceptAnything') return undefined;
  const kind = type === 'signedBy' ? 'gpg' : type === 'sigstoreSigned' ? 'sigstore' : 'other';
  const keys = await keysOf(host, requirement);
  const fingerprints = [...new Set(keys.flatMap(key => key.fingerprints))];
  return { kind, by: 'policy', keys: fingerprints.length > 0 ? fingerprints : others(requirement) };
}

/** The same of a key that a spec demands. */
export function signatureBy({ kind, fingerprints }: PublicKey): ImageSignature {
  return { kind, by: 'demand', keys: fingerprints };
}

/** Whether a check has found a signature that is demanded. Of several keys, one of which signed, each has to be one that would do. */
export function isSignedFor({ signatures }: ImageCheck, { keys }: ImageDemand): boolean {
  const good = new Set(keys.flatMap(key => key.fingerprints));
  return signatures.some(one => one.keys.length > 0 && one.keys.every(key => good.has(key)));
}

function keysOf(host: Host, { keyPath, keyPaths, keyData, keyDatas }: Requirement): Promise<PublicKey[]> {
  const files = texts(keyPath, keyPaths).map(path => keyAt(host, path));
  const inline = texts(keyData, keyDatas).map(data =>
    readPublicKey(host, Buffer.from(data, 'base64'), 'a key in containers-policy.json(5)'),
  );
  return Promise.all([...files, ...inline]);
}

function texts(one: unknown, several: unknown): string[] {
  const all: readonly unknown[] = [one, ...(Array.isArray(several) ? (several as unknown[]) : [])];
  return all.filter(value => typeof value === 'string');
}

async function keyAt(host: Host, path: string): Promise<PublicKey> {
  try {
    return await readKeyFile(host, path);
  } catch (error) {
    if (!(error instanceof AptLayerError)) throw error;
    const text = `containers-policy.json(5) names a key that cannot be read: ${error.message}`;
    throw new AptLayerError('CONFIG_INVALID', text, {
      hint: 'put it there, or correct the path in the policy',
      cause: error,
    });
  }
}

/** Who signs by a certificate is known by what that certificate says. */
function others({ fulcio, pki }: Requirement): string[] {
  return [fulcio, pki].flatMap(issuer => {
    if (typeof issuer !== 'object' || issuer === null) return [];
    const { oidcIssuer, subjectEmail, subjectHostname } = issuer as Record<string, unknown>;
    const words = [oidcIssuer, subjectEmail, subjectHostname].filter(word => typeof word === 'string');
    return words.length > 0 ? [words.join(' ')] : [];
  });
}
