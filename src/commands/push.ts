import { resolve } from 'node:path';
import { AptLayerError } from '../errors/index.ts';
import { parseImageName, type RegistryReference, renderImageReference } from '../formats/reference/index.ts';
import { findPrior, pushImage, readPrior, withStage } from '../registry/index.ts';
import type { CommandImplementation } from './definition.ts';
import { type ExportedTo, exportTo } from './export-image.ts';
import { formatCount, formatSize } from './text/index.ts';

interface Result {
  /** Digest of the image that was sent. */
  readonly image: string;
  /** With the digest in the registry. */
  readonly reference: string;
  /** As OCI writes digests. */
  readonly manifest: string;
  readonly signed: boolean;
  /** Bytes of all layers, compressed. */
  readonly size: number;
  readonly layers: ExportedTo['layers'];
}

export const command: CommandImplementation<Result> = {
  async run(app, args) {
    const reference = registryOf(args.argument('DESTINATION'));
    const { host } = app;
    const key = args.option('sign-by-sigstore-key');
    const asked = args.option('prior');
    const passphrase = args.option('sign-passphrase-file');
    return withStage(host, `${app.sysroot}/cache`, async stage => {
      const directory = `${stage}/layout`;
      const there = await findPrior(host, reference, `${stage}/there`);
      const prior =
        asked === undefined ? there : await readPrior(host, parseImageName(asked), `${stage}/prior`);
      const location = { directory, tag: 'image', sha256: undefined };
      // What is signed was packed here: who can write to the registry may have put something else under a digest.
      const taken = key === undefined ? there : undefined;
      const { image, manifest, size, layers } = await exportTo(app, { location, prior, there: taken }, args);
      await pushImage(host, {
        stage,
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
        size,
        layers,
      };
    });
  },
  render: ({ image, reference, layers }) =>
    `${image.slice(0, 12)} is ${reference}\n${formatCount(layers.all, 'layer')}, ${layers.packed} of them new with ${formatSize(layers.packedBytes)}\n`,
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
