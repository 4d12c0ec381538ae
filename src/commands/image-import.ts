import { resolve } from 'node:path';
import { countEntries, type Tree } from '../formats/tree/index.ts';
import { step } from '../report/index.ts';
import {
  assertRefFits,
  assertUserRefName,
  beginFlush,
  importDirectory,
  setRef,
  type WritableStore,
  writableStore,
  writeImageObject,
} from '../store/index.ts';
import { withTransaction } from '../transaction/index.ts';
import type { CommandImplementation } from './definition.ts';

interface Result {
  /** Digest; null with --dry-run. */
  readonly image: string | null;
  readonly ref: string | null;
  readonly entries: number;
}

export const command: CommandImplementation<Result> = {
  run(app, args) {
    const directory = resolve(args.argument('DIRECTORY'));
    const name = args.option('ref');
    const ref = name === undefined ? null : `base/${name}`;
    if (name !== undefined) assertUserRefName(name);
    if (app.globals.dryRun) return Promise.resolve({ image: null, ref: name ?? null, entries: 0 });
    const options = {
      verb: 'image import',
      commandLine: app.commandLine,
      wait: app.globals.waitSeconds,
      summarize: ({ image }: Result) => ({ image }),
    };
    return withTransaction(app, options, async transaction => {
      const { host } = transaction;
      const store = writableStore(transaction);
      if (ref !== null) assertRefFits(store, ref);
      const tree = await step(host.report, 'import', `Importing ${directory}`, () =>
        importDirectory(store, directory, {
          mode: 'copy',
          onProgress: (done, total) => host.report.emit({ type: 'progress', task: 'import', done, total }),
        }),
      );
      // The flush first: writing the image keeps this thread busy.
      const [, image] = await Promise.all([beginFlush(store), writeImage(store, tree)]);
      if (ref !== null) setRef(store, ref, image);
      return { image, ref: name ?? null, entries: countEntries(tree).total };
    });
  },
  render: ({ image, ref, entries }) => {
    if (image === null) return 'Nothing was imported (--dry-run).\n';
    return `${image}\n${entries} entries${ref === null ? '' : `, local://${ref}`}\n`;
  },
};

async function writeImage(store: WritableStore, tree: Tree): Promise<string> {
  return writeImageObject(store, tree);
}
