import { resolve } from 'node:path';
import { checkout, openStore, readImage, resolveImage } from '../store/index.ts';
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
    await checkout(store, readImage(store, image), directory);
    return { image, directory };
  },
  render: ({ image, directory }) => `${image.slice(0, 12)} is in ${directory}\n`,
};
