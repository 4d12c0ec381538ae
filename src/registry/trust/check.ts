import { AptLayerError } from '../../errors/index.ts';
import type { Requirement } from '../../formats/containers-policy/index.ts';
import type { ImageCheck } from '../../formats/image-check/index.ts';
import { type RegistryReference, renderImageReference } from '../../formats/reference/index.ts';
import { ensureDirectory, removeTree } from '../../fs/index.ts';
import type { Host } from '../../host/index.ts';
import { blobPath, type FoundImage } from '../../oci/index.ts';
import { forSkopeo } from '../arguments.ts';
import { copyOptions } from '../copy-image.ts';
import { skopeo } from '../skopeo.ts';
import { standIn } from '../stand-in.ts';
import { demandedBy, signatureBy } from './described.ts';
import { inRepository } from './identity.ts';
import type { PublicKey } from './public-key.ts';
import { attachmentOptions, policyOptions } from './skopeo-policy.ts';
import { demandsSignature, type Trust } from './trust.ts';

/** An image that was looked up, and of which nothing was fetched but what describes it. */
interface Untrusted {
  /** By its digest. */
  readonly reference: RegistryReference;
  readonly found: FoundImage;
  readonly trust: Trust;
  /** A directory of the caller's. */
  readonly stage: string;
}

export interface CheckedImage {
  /** Options by which skopeo asks the same of what it fetches. */
  readonly options: readonly string[];
  readonly check: ImageCheck;
}

/** Documents and signatures have some kilobytes. */
const CHECK_TIMEOUT_MS = 300_000;

/**
 * Has skopeo check an image by the policy of this machine, and by one of the keys that are demanded besides, before any layer of it is
 * fetched: it copies the image without its layers. SIGNATURE where it does not hold, HOST_UNSUPPORTED where this skopeo cannot tell.
 */
export async function checkImage(host: Host, image: Untrusted): Promise<CheckedImage> {
  const { trust, stage, found } = image;
  const directory = `${stage}/trust`;
  const { requirements, demand, rule } = trust;
  const said = await Promise.all(requirements.map(one => demandedBy(host, one)));
  const signatures = said.filter(one => one !== undefined);
  const check = { identity: trust.name.image, manifest: `sha256:${found.manifest}`, rule, signatures };
  const machineOnly = () => askMachine(host, image, policyOptions(host, directory, requirements));
  if (demand === undefined) return { options: await machineOnly(), check };
  const failures: AptLayerError[] = [];
  for (const key of demand.keys) {
    const options = [
      ...policyOptions(host, directory, [...requirements, requirementOf(key, trust)]),
      ...(key.kind === 'sigstore' ? attachmentOptions(host, directory, scopeOf(image)) : []),
    ];
    const failure = await attempt(host, image, options).then(() => undefined, failureToSign);
    if (failure === undefined)
      return { options, check: { ...check, signatures: [...signatures, signatureBy(key)] } };
    failures.push(failure);
  }
  // Whether it is the machine that does not take it.
  await machineOnly();
  throw unsigned(image, demand.keys, failures);
}

/** The policy of the machine alone. Where that demands no signature there is nothing to ask. */
async function askMachine(
  host: Host,
  image: Untrusted,
  options: readonly string[],
): Promise<readonly string[]> {
  if (!demandsSignature(image.trust.requirements)) return options;
  await attempt(host, image, options).catch((error: unknown) => {
    throw refused(image, failureToSign(error));
  });
  return options;
}

/** A key that this skopeo cannot check leaves the others. */
function failureToSign(error: unknown): AptLayerError {
  if (error instanceof AptLayerError && (error.code === 'SIGNATURE' || error.code === 'HOST_UNSUPPORTED'))
    return error;
  throw error;
}

async function attempt(host: Host, image: Untrusted, globals: readonly string[]): Promise<void> {
  const { reference, found, stage } = image;
  const directory = `${stage}/trust/copy`;
  ensureDirectory(host.sys, `${directory}/blobs/sha256`);
  try {
    for (const layer of found.layers) standIn(host, blobPath(directory, layer.sha256), layer);
    const args = [
      ...copyOptions(host, reference),
      ...['--dest-shared-blob-dir', `${directory}/blobs`, forSkopeo(reference), `oci:${directory}/to:image`],
    ];
    const call = { verb: 'copy', args, globals, where: renderImageReference(reference) } as const;
    await skopeo(host, call, { timeoutMs: CHECK_TIMEOUT_MS });
  } finally {
    removeTree(host.sys, directory);
  }
}

/** A signature of another tag of the repository will do: who copies an image to a tag does not sign it again. */
function requirementOf({ kind, bytes }: PublicKey, { name }: Trust): Requirement {
  const keyData = bytes.toString('base64');
  const signedIdentity = inRepository(name.repository);
  return kind === 'gpg'
    ? { type: 'signedBy', keyType: 'GPGKeys', keyData, signedIdentity }
    : { type: 'sigstoreSigned', keyData, signedIdentity };
}

/** As containers-registries.d(5) names one image. */
function scopeOf({ reference }: Untrusted): string {
  return forSkopeo(reference).replace(/^docker:\/\//, '');
}

/** Where the signature that is missing may be, nobody but the machine's settings know. */
const WHERE =
  'signatures are looked for where /etc/containers/registries.d says: `lookaside` for those of GPG, `use-sigstore-attachments: true` for those of sigstore';

function refused(image: Untrusted, error: AptLayerError): AptLayerError {
  if (error.code !== 'SIGNATURE') return error;
  const text = `${nameOf(image)} is not signed as the policy of this machine demands (rule ${image.trust.rule})`;
  const said = String(error.details?.['said'] ?? '');
  return new AptLayerError('SIGNATURE', `${text}\n  ${said}`, { hint: WHERE });
}

/** By what was asked for, and what that is now. */
function nameOf({ trust, found }: Untrusted): string {
  return `oci://${trust.name.image} (sha256:${found.manifest.slice(0, 12)}...)`;
}

function unsigned(
  image: Untrusted,
  keys: readonly PublicKey[],
  failures: readonly AptLayerError[],
): AptLayerError {
  const cannot = failures.find(({ code }) => code === 'HOST_UNSUPPORTED');
  if (cannot !== undefined) return cannot;
  const demanded = keys.flatMap(({ fingerprints }) => fingerprints).join(', ');
  const text = `${nameOf(image)} is not signed by a key that is demanded (${demanded})`;
  const reasons = [...new Set(failures.map(({ details }) => String(details?.['said'] ?? '')))];
  return new AptLayerError('SIGNATURE', [text, ...reasons].join('\n  '), {
    hint: 'have it signed by one of them, or take an image that is; `security.images` of a spec demands it, and --require-signed',
    details: { demanded: keys.flatMap(({ fingerprints }) => fingerprints) },
  });
}
