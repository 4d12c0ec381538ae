import { resolve } from 'node:path';
import type { App } from '../app/index.ts';
import { describeSignature, type ImageCheck } from '../formats/image-check/index.ts';
import type { ImageReference } from '../formats/reference/index.ts';
import { countEntries } from '../formats/tree/index.ts';
import {
  checkOpen,
  type ImageDemand,
  importImage,
  type OpenImage,
  openImage,
  readKeyFile,
  withStage,
} from '../registry/index.ts';
import { assertRefFits, assertUserRefName, setRef, writableStore } from '../store/index.ts';
import { type Transaction, withTransaction } from '../transaction/index.ts';
import { formatCount } from './text/index.ts';

export interface ImportedImage {
  /** Digest; null with --dry-run. */
  readonly image: string | null;
  readonly ref: string | null;
  readonly entries: number;
  /** As OCI writes digests. */
  readonly manifest: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly layers: { readonly all: number; readonly imported: number };
  /** How it was checked; null for an image that is in no registry. */
  readonly check: ImageCheck | null;
}

export interface ImportRequest {
  readonly verb: string;
  readonly reference: ImageReference;
  /** Keeps the image as `local://NAME`. */
  readonly ref: string | null;
  /** Files with keys, one of which must have signed it. */
  readonly signedBy?: readonly string[];
}

/** What `import` and `pull` do. */
export async function importReference(app: App, request: ImportRequest): Promise<ImportedImage> {
  const { host } = app;
  const { verb, reference, ref } = request;
  if (ref !== null) assertUserRefName(ref);
  const demand = await demandOf(host, request.signedBy ?? []);
  if (app.globals.dryRun)
    return withStage(host, host.runDirectory, async stage => {
      const open = await openImage(host, { reference, demand, stage });
      const check = await checkOpen(host, open);
      return resultOf(open, { image: null, ref, entries: 0, imported: 0, check });
    });
  const options = {
    verb,
    commandLine: app.commandLine,
    wait: app.globals.waitSeconds,
    summarize: ({ image }: ImportedImage) => ({ image }),
  };
  // Looked for before the lock is taken, so that a name that is wrong keeps nobody waiting.
  if (reference.transport === 'oci') {
    const open = await openImage(host, { reference, demand, stage: '' });
    return withTransaction(app, options, transaction => importInto(transaction, open, ref));
  }
  return withTransaction(app, options, transaction =>
    withStage(transaction.host, transaction.workDirectory, async stage =>
      importInto(transaction, await openImage(transaction.host, { reference, demand, stage }), ref),
    ),
  );
}

export function renderImported({ image, manifest, ref, entries, layers, check }: ImportedImage): string {
  const signed = (check?.signatures ?? []).map(one => `Signed by ${describeSignature(one)}\n`).join('');
  if (image === null)
    return `Nothing was imported (--dry-run). It is ${manifest}, with ${formatCount(layers.all, 'layer')}.\n${signed}`;
  const where = ref === null ? '' : `, local://${ref}`;
  return `${image}\n${entries} entries of ${layers.all} layers, ${layers.imported} of them new${where}\n${signed}`;
}

async function demandOf(host: App['host'], files: readonly string[]): Promise<ImageDemand | undefined> {
  const keys = await Promise.all(files.map(file => readKeyFile(host, resolve(file))));
  return keys.length === 0 ? undefined : { keys };
}

async function importInto(
  transaction: Transaction,
  open: OpenImage,
  ref: string | null,
): Promise<ImportedImage> {
  const store = writableStore(transaction);
  if (ref !== null) assertRefFits(store, `base/${ref}`);
  const { digest: image, tree, imported, check } = await importImage(store, transaction.sysroot, open);
  if (ref !== null) setRef(store, `base/${ref}`, image);
  return resultOf(open, { image, ref, entries: countEntries(tree).total, imported, check });
}

interface Outcome extends Pick<ImportedImage, 'image' | 'ref' | 'entries'> {
  readonly imported: number;
  readonly check: ImageCheck | undefined;
}

function resultOf({ found }: OpenImage, { imported, check, ...rest }: Outcome): ImportedImage {
  const { manifest, labels, layers } = found;
  const counted = { all: layers.length, imported };
  return { ...rest, manifest: `sha256:${manifest}`, labels, layers: counted, check: check ?? null };
}
