import { resolve } from 'node:path';
import { mountOnHost } from '../sandbox/index.ts';
import { imageFile, objectsDirectory, openStore, resolveImage } from '../store/index.ts';
import type { CommandImplementation } from './definition.ts';

interface Result {
  readonly image: string;
  readonly directory: string;
}

export const command: CommandImplementation<Result> = {
  async run(app, args) {
    const store = openStore(app.host, `${app.sysroot}/composefs`);
    const image = resolveImage(store, args.argument('REF'));
    const directory = resolve(args.argument('DIRECTORY'));
    const mountable = { imagePath: imageFile(store, image), objectsPath: objectsDirectory(store) };
    await mountOnHost(app.host, { image: mountable, directory });
    return { image, directory };
  },
  render: ({ image, directory }) => `${image.slice(0, 12)} is mounted on ${directory}\n`,
};
