import { serializeDump } from '../formats/dump/index.ts';
import { readImage } from '../formats/erofs/index.ts';
import { readInput } from '../fs/index.ts';
import type { CommandImplementation } from './definition.ts';
import { MAX_IMAGE_BYTES } from './image-limits.ts';

export interface ImageDumpResult {
  readonly formatVersion: number;
  readonly dump: Buffer;
}

export const command: CommandImplementation<ImageDumpResult> = {
  async run(app, args) {
    const { tree, version } = readImage(readInput(app.host.sys, args.argument('IMAGE'), MAX_IMAGE_BYTES));
    return { formatVersion: version, dump: serializeDump(tree) };
  },

  render: result => result.dump,
  // The dump format escapes every byte that is not printable ASCII.
  toJson: ({ formatVersion, dump }) => ({ formatVersion, dump: dump.toString('latin1') }),
};
