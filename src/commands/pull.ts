import { parseImageName } from '../formats/reference/index.ts';
import type { CommandImplementation } from './definition.ts';
import { type ImportedImage, importReference, renderImported } from './import-image.ts';

export const command: CommandImplementation<ImportedImage> = {
  run: (app, args) =>
    importReference(app, {
      verb: 'pull',
      reference: parseImageName(args.argument('IMAGE')),
      ref: args.option('ref') ?? null,
      signedBy: args.optionList('require-signed'),
    }),
  render: renderImported,
};
