import { KEPT_BASE_REFS } from '../../deployment/index.ts';
import { type BuildInput, contextDigest, type OpenContext, openContext } from '../../engine/index.ts';
import { AptLayerError } from '../../errors/index.ts';
import type { BuildContext } from '../../layer/index.ts';
import { importedImages } from '../../oci/index.ts';
import { log } from '../../report/index.ts';
import { findRef, hasImage, setRef } from '../../store/index.ts';
import type { LockedBase } from '../lock/index.ts';
import type { BaseOptions } from './base-options.ts';
import { buildAndImport, movedImages } from './engine-image.ts';

interface FoundContainerfileBase {
  readonly request: string;
  readonly digest: string;
  readonly manifest?: string;
  /** Digest of what it was built of. */
  readonly context: string;
  /** The ref that keeps it. */
  readonly kept: string;
  /** Why an engine would build another one; only where it was asked for the newest, and nothing is to be made. */
  readonly rebuild?: readonly string[];
}

interface Wanted {
  readonly request: string;
  readonly input: BuildInput;
}

type Locked = LockedBase & Required<Pick<LockedBase, 'context'>>;

/**
 * A base that a container engine builds: where the store has none that was built of the same context, and anew with `newest`. A change of a deployment
 * stays with the one that it has. With `onlyLocked` the context has to be that of the lock, and so has what is built of it: CONFIG_INVALID, INTEGRITY.
 */
export async function containerfileBase(
  context: BuildContext,
  { request, input }: Wanted,
  options: BaseOptions,
): Promise<FoundContainerfileBase> {
  const { host, store } = context;
  const { onlyLocked = false, onlyExisting, metadata } = options;
  if (options.demand !== undefined)
    throw new AptLayerError(
      'SIGNATURE',
      `${request} is built here and signed by nobody, and \`security\` demands signed images`,
      {
        hint: 'push what is built, sign it there, and name that image as the base',
      },
    );
  const newest = options.newest === true && !metadata.offline;
  const locked = isOfContext(options.locked) ? options.locked : undefined;
  const present = locked !== undefined && hasImage(store, locked.digest) ? locked : undefined;
  const ours = present?.request === request ? present : undefined;
  if (ours !== undefined && options.staysOnBase === true) return ofLock(request, ours);
  const opened = openedOrGone(context, input, ours !== undefined && !onlyLocked);
  if (opened === undefined && ours !== undefined) return ofLock(request, ours);
  if (opened === undefined) throw new Error('a context that is gone has a base in its place');
  const known = await contextDigest(host, opened);
  if (onlyLocked) assertLocked(input, locked, known.digest);
  if (!newest && present?.context === known.digest) return ofLock(request, present);
  const before = findRef(store, builtRef(known.digest));
  if (before !== undefined && !onlyLocked && (!newest || options.isBuilt === true)) {
    const manifest = importedImages(context).get(before)?.manifest;
    return found(request, { digest: before, context: known.digest, manifest });
  }
  if (onlyExisting) {
    if (newest && ours !== undefined)
      return {
        ...ofLock(request, ours),
        rebuild: await reasonsToBuild(context, opened, { known: known.digest, ours }),
      };
    throw notBuilt(request);
  }
  if (onlyLocked)
    log(host.report, 'info', 'the image of the lock is not in the store: it is built, and compared');
  const pull = metadata.offline ? 'never' : newest ? 'newer' : 'missing';
  const image = await buildAndImport(context, opened, { known, pull, fresh: options.noCache === true });
  if (!newest && locked?.context === known.digest && image.digest !== locked.digest) {
    const other = otherImage(request, { locked: locked.digest, built: image.digest });
    if (onlyLocked) throw other;
    log(host.report, 'warning', other.message);
  }
  setRef(store, builtRef(known.digest), image.digest);
  return found(request, { digest: image.digest, context: known.digest, manifest: image.manifest });
}

/** The ref of the image that was last built of a context. */
function builtRef(context: string): string {
  return `${KEPT_BASE_REFS}containerfile/${context}`;
}

interface Found {
  readonly digest: string;
  readonly context: string;
  readonly manifest: string | undefined;
}

function found(request: string, { digest, context, manifest }: Found): FoundContainerfileBase {
  const named = manifest?.replace(/^(?!sha256:)/, 'sha256:');
  const kept = `${KEPT_BASE_REFS}oci/${digest}`;
  return { request, digest, context, kept, ...(named !== undefined && { manifest: named }) };
}

function ofLock(request: string, { digest, context, manifest }: Locked): FoundContainerfileBase {
  return found(request, { digest, context, manifest });
}

function isOfContext(locked: LockedBase | undefined): locked is Locked {
  return locked?.context !== undefined;
}

/**
 * What is to be built. Undefined, with a warning, where it is not there and need not be: a machine that was installed has the image, and what is layered on it
 * can be changed and upgraded all the same.
 */
function openedOrGone(
  { host }: BuildContext,
  input: BuildInput,
  hasImageOfIt: boolean,
): OpenContext | undefined {
  try {
    return openContext(host, input);
  } catch (error) {
    if (!hasImageOfIt || !(error instanceof AptLayerError) || error.code !== 'NOT_FOUND') throw error;
    const what = `${error.message}: the base stays the image that this system has`;
    log(
      host.report,
      'warning',
      `${what}. For another one, bring the files back, or go to another (\`apt-layer rebase BASE\`)`,
    );
    return undefined;
  }
}

/** What can be known without building. */
async function reasonsToBuild(
  { host }: BuildContext,
  opened: OpenContext,
  { known, ours }: { readonly known: string; readonly ours: Locked },
): Promise<string[]> {
  const moved = await movedImages(host, opened);
  return [
    ...(known === ours.context ? [] : ['its files or arguments are others']),
    ...moved.map(image => `${image} is another image in its registry`),
  ];
}

function assertLocked({ context }: BuildInput, locked: Locked | undefined, digest: string): void {
  if (locked?.context === digest) return;
  const what =
    locked === undefined
      ? 'the lock is of another base than a Containerfile'
      : `the lock is of other files: ${context}, its Containerfile or \`build-args\` changed since`;
  throw new AptLayerError('CONFIG_INVALID', what, {
    hint: 'bring back what was locked, or write a new lock with `apt-layer compose lock`',
    details: { context, expected: locked?.context ?? null, actual: digest },
  });
}

function otherImage(request: string, { locked, built }: { locked: string; built: string }): AptLayerError {
  return new AptLayerError(
    'INTEGRITY',
    `the image that was built of ${request} is ${built.slice(0, 12)}, and the lock has ${locked.slice(0, 12)}: the same files do not give the same image where steps fetch something or write the time`,
    {
      hint: `bring the image over that was locked (there: \`apt-layer push ${locked.slice(0, 12)} REGISTRY/NAME\`, here: \`apt-layer pull REGISTRY/NAME --ref NAME\`), or write a new lock with \`apt-layer compose lock\``,
      details: { expected: locked, actual: built },
    },
  );
}

function notBuilt(request: string): AptLayerError {
  return new AptLayerError(
    'NOT_FOUND',
    `the base ${request} was not built of these files yet, so a dry run cannot tell what comes on it`,
    { hint: 'check the spec alone with `apt-layer compose validate`, or run it without --dry-run' },
  );
}
