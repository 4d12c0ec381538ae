import { type RegistryReference, renderImageReference } from '../formats/reference/index.ts';
import type { Host } from '../host/index.ts';
import { step } from '../report/index.ts';
import { accessOptions, forSkopeo } from './arguments.ts';
import { writeEmptyImage } from './empty-image.ts';
import { RETRIES, skopeo } from './skopeo.ts';
import { attachmentOptions } from './trust/index.ts';

export interface Push {
  /** A directory of the caller's, beside `directory`. */
  readonly stage: string;
  /** A layout with one image. */
  readonly directory: string;
  readonly reference: RegistryReference;
  /** A private key of sigstore, to sign it with (skopeo-generate-sigstore-key(1)). */
  readonly signingKey?: string | undefined;
  /** A file with the passphrase of the key. */
  readonly passphraseFile?: string | undefined;
}

/**
 * Copies an image of a layout into a registry, its bytes as they are. Layers that the registry has are not sent. Whether it can be signed is
 * tried before anything is sent: an image without the signature that was meant for it helps nobody. What this machine takes from others
 * says nothing of what it sends.
 */
export async function pushImage(host: Host, push: Push): Promise<void> {
  const { directory, reference, stage } = push;
  const where = renderImageReference(reference);
  const signing = signingOptions(push);
  if (push.signingKey !== undefined) await trySigning(host, push, signing);
  const args = [
    ...['--quiet', '--preserve-digests', ...RETRIES, ...accessOptions(host, reference, 'dest-'), ...signing],
    ...[`oci:${directory}`, forSkopeo(reference)],
  ];
  const scope = forSkopeo(reference).replace(/^docker:\/\//, '');
  const globals = [
    '--insecure-policy',
    ...(push.signingKey === undefined ? [] : attachmentOptions(host, stage, scope)),
  ];
  await step(host.report, 'push', `Sending ${where}`, () =>
    skopeo(host, { verb: 'copy', args, globals, where }),
  );
}

function signingOptions({ signingKey, passphraseFile }: Push): string[] {
  return [
    ...(signingKey === undefined ? [] : ['--sign-by-sigstore-private-key', signingKey]),
    ...(passphraseFile === undefined ? [] : ['--sign-passphrase-file', passphraseFile]),
  ];
}

/** Signs an image without layers, into a directory. */
async function trySigning(host: Host, { reference, stage }: Push, signing: readonly string[]): Promise<void> {
  const directory = `${stage}/tried`;
  writeEmptyImage(host, `${directory}/layout`);
  const name = forSkopeo(reference).replace(/^docker:\/\//, '');
  const args = [
    ...['--quiet', ...signing, '--sign-identity', name, `oci:${directory}/layout`, `dir:${directory}/signed`],
  ];
  const call = {
    verb: 'copy',
    args,
    globals: ['--insecure-policy'],
    where: renderImageReference(reference),
  } as const;
  await skopeo(host, call, { timeoutMs: SIGNING_TIMEOUT_MS });
}

/** The key may be on a smart card or need its passphrase typed; neither is waited for long. */
const SIGNING_TIMEOUT_MS = 120_000;
