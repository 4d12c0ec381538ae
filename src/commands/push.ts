import { resolve } from 'node:path';
import { AptLayerError } from '../errors/index.ts';
import { parseImageName, type RegistryReference, renderImageReference } from '../formats/reference/index.ts';
import { pushImage, withStage } from '../registry/index.ts';
import type { CommandImplementation } from './definition.ts';
import { exportTo } from './export-image.ts';

interface Result {
  /** Digest of the image that was sent. */
  readonly image: string;
  /** With the digest in the registry. */
  readonly reference: string;
  /** As OCI writes digests. */
  readonly manifest: string;
  readonly signed: boolean;
}

export const command: CommandImplementation<Result> = {
  async run(app, args) {
    const reference = registryOf(args.argument('DESTINATION'));
    const { host } = app;
    const key = args.option('sign-by-sigstore-key');
    const passphrase = args.option('sign-passphrase-file');
    return withStage(host, `${app.sysroot}/cache`, async stage => {
      const directory = `${stage}/layout`;
      const { image, manifest } = await exportTo(app, { directory, tag: 'image', sha256: undefined }, args);
      await pushImage(host, {
        directory,
        reference,
        signingKey: key === undefined ? undefined : resolve(key),
        passphraseFile: passphrase === undefined ? undefined : resolve(passphrase),
      });
      const digest = `sha256:${manifest}`;
      return {
        image,
        reference: renderImageReference({ ...reference, digest }),
        manifest: digest,
        signed: key !== undefined,
      };
    });
  },
  render: ({ image, reference }) => `${image.slice(0, 12)} is ${reference}\n`,
};

function registryOf(text: string): RegistryReference {
  const reference = parseImageName(text);
  if (reference.transport !== 'registry')
    throw new AptLayerError('USAGE', `${JSON.stringify(text)} is no image of a registry`, {
      hint: '`apt-layer export` writes layouts',
    });
  if (reference.digest === undefined) return reference;
  throw new AptLayerError('USAGE', 'an image that is sent gets its digest from what is in it', {
    hint: 'name it by a tag: HOST/NAME:TAG',
  });
}
