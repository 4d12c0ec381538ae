import { countEntries } from '../formats/tree/index.ts';
import { type FoundImage, findOci, importOci, keepConfig, parseLocation } from '../oci/index.ts';
import {
  assertRefFits,
  assertUserRefName,
  hasImage,
  setRef,
  writableStore,
  writeImageObject,
} from '../store/index.ts';
import { type Transaction, withTransaction } from '../transaction/index.ts';
import type { CommandImplementation } from './definition.ts';

interface Result {
  /** Digest; null with --dry-run. */
  readonly image: string | null;
  readonly ref: string | null;
  readonly entries: number;
  /** As OCI writes digests. */
  readonly manifest: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly layers: { readonly all: number; readonly imported: number };
}

export const command: CommandImplementation<Result> = {
  async run(app, args) {
    const ref = args.option('ref') ?? null;
    if (ref !== null) assertUserRefName(ref);
    const found = await findOci(app.host, parseLocation(args.argument('SOURCE')));
    if (app.globals.dryRun) return resultOf(found, { image: null, ref, entries: 0, imported: 0 });
    const options = {
      verb: 'import',
      commandLine: app.commandLine,
      wait: app.globals.waitSeconds,
      summarize: ({ image }: Result) => ({ image }),
    };
    return withTransaction(app, options, transaction => importInto(transaction, found, ref));
  },
  render: ({ image, ref, entries, layers }) => {
    if (image === null) return `Nothing was imported (--dry-run). The image has ${layers.all} layers.\n`;
    const where = ref === null ? '' : `, local://${ref}`;
    return `${image}\n${entries} entries of ${layers.all} layers, ${layers.imported} of them new${where}\n`;
  },
};

async function importInto(transaction: Transaction, found: FoundImage, ref: string | null): Promise<Result> {
  const store = writableStore(transaction);
  if (ref !== null) assertRefFits(store, `base/${ref}`);
  const { tree, imported } = await importOci(store, found);
  const image = writeImageObject(store, tree);
  keepConfig(transaction, { image, config: found.config, isKept: other => hasImage(store, other) });
  if (ref !== null) setRef(store, `base/${ref}`, image);
  return resultOf(found, { image, ref, entries: countEntries(tree).total, imported });
}

interface Outcome extends Pick<Result, 'image' | 'ref' | 'entries'> {
  readonly imported: number;
}

function resultOf({ manifest, labels, layers }: FoundImage, { imported, ...rest }: Outcome): Result {
  return { ...rest, manifest: `sha256:${manifest}`, labels, layers: { all: layers.length, imported } };
}
