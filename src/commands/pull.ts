import { parseImageReference } from '../formats/reference/index.ts';
import type { CommandImplementation } from './definition.ts';
import { type ImportedImage, importReference, renderImported } from './import-image.ts';

/** A transport, as containers-transports(5) writes them; a name with a port is none. */
const TRANSPORT = /^(?:[a-z-]+:\/\/|oci:|(?:oci|docker)-archive:|containers-storage:)/;

export const command: CommandImplementation<ImportedImage> = {
  run(app, args) {
    const text = args.argument('IMAGE');
    // A name alone means what it means to docker.
    const reference = parseImageReference(TRANSPORT.test(text) ? text : `oci://${text}`);
    return importReference(app, { verb: 'pull', reference, ref: args.option('ref') ?? null });
  },
  render: renderImported,
};
