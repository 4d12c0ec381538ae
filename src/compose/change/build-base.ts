import { type BuildInput, contextDigest, findEngine, openContext } from '../../engine/index.ts';
import { countEntries } from '../../formats/tree/index.ts';
import { assertRefFits, setRef } from '../../store/index.ts';
import { type Sysroot, withTransaction } from '../../transaction/index.ts';
import { buildAndImport } from '../build/index.ts';
import { buildContext, type ChangeOptions } from './change.ts';

/** What an engine built and the store has. */
export interface BuiltBase {
  /** Digest; null in a dry run. */
  readonly image: string | null;
  readonly ref: string | null;
  /** Name and, where it only would build, version of the engine. */
  readonly engine: string;
  readonly context: { readonly digest: string; readonly files: number; readonly bytes: number };
  /** Of the manifest, `sha256:HEX`; null in a dry run. */
  readonly manifest: string | null;
  readonly entries: number;
  readonly layers: { readonly all: number; readonly imported: number };
}

export interface BuildBaseOptions
  extends Pick<ChangeOptions, 'verb' | 'commandLine' | 'waitSeconds' | 'dryRun'> {
  readonly input: BuildInput;
  /** Keeps the image as `local://NAME`. */
  readonly ref: string | null;
  /** Takes newer images of FROM, and nothing from what the engine built before. */
  readonly fresh: boolean;
  readonly offline: boolean;
}

/** Has an engine build an image of a Containerfile and stores it. A dry run only reads what would be built. */
export async function buildBase(at: Sysroot, options: BuildBaseOptions): Promise<BuiltBase> {
  const { verb, commandLine, waitSeconds, input, ref, fresh, offline } = options;
  const opened = openContext(at.host, input);
  const context = await contextDigest(at.host, opened);
  if (options.dryRun) {
    const { name, version } = await findEngine(at.host);
    const nothing = { image: null, manifest: null, entries: 0, layers: { all: 0, imported: 0 } };
    return { ...nothing, ref, engine: `${name} ${version}`, context };
  }
  const transaction = {
    verb,
    commandLine,
    wait: waitSeconds,
    summarize: ({ image }: BuiltBase) => ({ image }),
  };
  return withTransaction(at, transaction, async open => {
    const building = buildContext(open);
    const { store } = building;
    if (ref !== null) assertRefFits(store, `base/${ref}`);
    const pull = offline ? 'never' : fresh ? 'newer' : 'missing';
    const built = await buildAndImport(building, opened, { known: context, pull, fresh });
    const { digest: image, tree, manifest, layers, engine } = built;
    if (ref !== null) setRef(store, `base/${ref}`, image);
    return { image, ref, engine, context, manifest, entries: countEntries(tree).total, layers };
  });
}
