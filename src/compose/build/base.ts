import { createHash } from 'node:crypto';
import { bootstrapKey, planBootstrap } from '../../apt/index.ts';
import { AptLayerError } from '../../errors/index.ts';
import { type BuildContext, type BuiltImage, bootstrap, type MetadataPolicy } from '../../layer/index.ts';
import { step } from '../../report/index.ts';
import { findRef, readImage, resolveImage, setRef, writeImageObject } from '../../store/index.ts';
import type { Spec } from '../spec/index.ts';

export interface Base extends BuiltImage {
  /** As the spec writes it: `apt://trixie`. */
  readonly request: string;
}

export interface BaseOptions {
  /** Say NOT_FOUND rather than bootstrap a base that is not in the store. */
  readonly onlyExisting: boolean;
  readonly metadata: MetadataPolicy;
}

/** The base image a spec names. `apt://` is bootstrapped once for each set of sources and kept under a ref. */
export async function resolveBase(context: BuildContext, spec: Spec, options: BaseOptions): Promise<Base> {
  const { baseImage } = spec;
  if (baseImage.kind === 'local') {
    const digest = resolveImage(context.store, baseImage.ref);
    return { request: `local://${baseImage.ref}`, digest, tree: readImage(context.store, digest) };
  }
  const digest = await bootstrapped(context, spec, { ...options, suite: baseImage.suite });
  return { request: `apt://${baseImage.suite}`, digest, tree: readImage(context.store, digest) };
}

async function bootstrapped(
  context: BuildContext,
  spec: Spec,
  options: BaseOptions & { suite: string },
): Promise<string> {
  const { suite } = options;
  const { host, store } = context;
  const plan = planBootstrap(host, { suite, ...spec.bootstrap });
  const key = createHash('sha256').update(bootstrapKey(plan)).digest('hex').slice(0, 12);
  const ref = `base/apt/${suite}-${key}`;
  const existing = findRef(store, ref);
  if (existing !== undefined) return existing;
  if (options.onlyExisting)
    throw new AptLayerError(
      'NOT_FOUND',
      `the base apt://${suite} is not in the store yet, so a dry run cannot tell what comes on it`,
      {
        hint: 'check the spec alone with `apt-layer compose validate`, or run it without --dry-run',
      },
    );
  const digest = await step(host.report, 'bootstrap', `Making a base system of ${suite}`, async () =>
    writeImageObject(store, await bootstrap(context, plan, options.metadata)),
  );
  setRef(store, ref, digest);
  return digest;
}
