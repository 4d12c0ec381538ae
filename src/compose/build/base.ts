import { createHash } from 'node:crypto';
import { bootstrap, bootstrapKey, planBootstrap } from '../../apt/index.ts';
import { ensureDirectory, removeTree } from '../../fs/index.ts';
import type { BuildContext, BuiltImage } from '../../layer/index.ts';
import { step } from '../../report/index.ts';
import {
  findRef,
  importDirectory,
  readImage,
  resolveImage,
  setRef,
  writeImageObject,
} from '../../store/index.ts';
import type { Spec } from '../spec/index.ts';

export interface Base extends BuiltImage {
  /** As the spec writes it: `apt://trixie`. */
  readonly request: string;
}

/** The base image a spec names. `apt://` is bootstrapped once for each set of sources and kept under a ref. */
export async function resolveBase(context: BuildContext, spec: Spec): Promise<Base> {
  const { baseImage } = spec;
  if (baseImage.kind === 'local') {
    const digest = resolveImage(context.store, baseImage.ref);
    return { request: `local://${baseImage.ref}`, digest, tree: readImage(context.store, digest) };
  }
  const digest = await bootstrapped(context, spec, baseImage.suite);
  return { request: `apt://${baseImage.suite}`, digest, tree: readImage(context.store, digest) };
}

async function bootstrapped(context: BuildContext, spec: Spec, suite: string): Promise<string> {
  const { host, store } = context;
  const plan = planBootstrap(host, { suite, ...spec.bootstrap });
  const key = createHash('sha256').update(bootstrapKey(plan)).digest('hex').slice(0, 12);
  const ref = `base/apt/${suite}-${key}`;
  const existing = findRef(store, ref);
  if (existing !== undefined) return existing;
  const directory = `${context.workDirectory}/bootstrap`;
  ensureDirectory(host.sys, directory, 0o755);
  await bootstrap(host, plan, { directory, log: context.onOutput });
  const digest = await step(host.report, 'import', `Importing ${suite} into the store`, async () =>
    writeImageObject(store, await importDirectory(store, directory, { mode: 'adopt' })),
  );
  setRef(store, ref, digest);
  removeTree(host.sys, directory);
  return digest;
}
