import { type RegistryReference, renderImageReference } from '../formats/reference/index.ts';
import type { Host } from '../host/index.ts';
import { step } from '../report/index.ts';
import { accessOptions, forSkopeo } from './arguments.ts';
import { RETRIES, skopeo } from './skopeo.ts';

export interface Push {
  /** A layout with one image. */
  readonly directory: string;
  readonly reference: RegistryReference;
  /** A private key of sigstore, to sign it with (skopeo-generate-sigstore-key(1)). */
  readonly signingKey?: string | undefined;
  /** A file with the passphrase of the key. */
  readonly passphraseFile?: string | undefined;
}

/** Copies an image of a layout into a registry, its bytes as they are. Layers that the registry has are not sent. */
export async function pushImage(host: Host, push: Push): Promise<void> {
  const { directory, reference, signingKey, passphraseFile } = push;
  const where = renderImageReference(reference);
  const signing = [
    ...(signingKey === undefined ? [] : ['--sign-by-sigstore-private-key', signingKey]),
    ...(passphraseFile === undefined ? [] : ['--sign-passphrase-file', passphraseFile]),
  ];
  const args = [
    ...['--quiet', '--preserve-digests', ...RETRIES, ...accessOptions(host, reference, 'dest-'), ...signing],
    ...[`oci:${directory}`, forSkopeo(reference)],
  ];
  await step(host.report, 'push', `Sending ${where}`, () => skopeo(host, { verb: 'copy', args, where }));
}
