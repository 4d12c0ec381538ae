import { AptLayerError } from '../errors/index.ts';
import { parseImageReference } from '../formats/reference/index.ts';
import { locationOf, type OciLocation } from '../oci/index.ts';
import type { CommandImplementation } from './definition.ts';
import { type ExportedTo, exportTo } from './export-image.ts';

interface Result extends Omit<ExportedTo, 'manifest'> {
  readonly directory: string;
  /** As OCI writes digests. */
  readonly manifest: string;
}

export const command: CommandImplementation<Result> = {
  async run(app, args) {
    const location = destinationOf(args.argument('DESTINATION'));
    const exported = await exportTo(app, location, args);
    return {
      ...exported,
      directory: location.directory,
      manifest: `sha256:${exported.manifest}`,
    };
  },
  render: ({ image, directory, tag, manifest, size }) =>
    `${image.slice(0, 12)} is in ${directory} as ${tag} (${(size / 1e6).toFixed(1)} MB)\n${manifest}\n`,
};

/** Where an export goes: a layout. Registries have `push`. */
function destinationOf(text: string): OciLocation {
  const reference = parseImageReference(text);
  if (reference.transport === 'oci') return locationOf(reference);
  throw new AptLayerError('USAGE', `${JSON.stringify(text)} is not oci:DIRECTORY[:TAG]`, {
    hint: 'images go into registries with `apt-layer push`',
  });
}
