import { createHash } from 'node:crypto';
import { type AptRequest, type Resolution, renderTargetSources } from '../../apt/index.ts';
import { AptLayerError } from '../../errors/index.ts';
import type { Tree } from '../../formats/tree/index.ts';
import { readFileBytes } from '../../fs/index.ts';
import {
  type AccountIds,
  accountIds,
  type BuildContext,
  type BuiltImage,
  epochOf,
  finishTree,
  type MetadataPolicy,
  mergeIds,
  placeFile,
  resolvePackages,
} from '../../layer/index.ts';
import { step } from '../../report/index.ts';
import { findRef, readContent, readImage, setRefs, writeImageObject } from '../../store/index.ts';
import type { Lock } from '../lock/index.ts';
import { diffLocks } from '../lock/index.ts';
import { inputFiles, type Spec, specDigestInput } from '../spec/index.ts';
import { type Base, resolveBase } from './base.ts';
import { installPlanned } from './install.ts';
import { lockOf } from './lock-of.ts';
import { placeFiles } from './place-files.ts';
import { requestOf } from './request-of.ts';
import { applyServices, hasServices } from './services.ts';

/** Part of every build's key: a change here builds everything anew. */
const BUILD_VERSION = 4;

const INPUT_FILE_MAX_BYTES = 4 * 1024 ** 3;

export interface BuildOptions {
  readonly metadata: MetadataPolicy;
  /** Versions to keep to where the archive still has them. */
  readonly lock?: Lock;
  /** Make nothing, not even a base that is missing. */
  readonly dryRun?: boolean;
  /** Refuse any package set other than that of `lock`. */
  readonly locked?: boolean;
}

export interface BuildResult {
  /** Digest of the finished image. */
  readonly image: string;
  readonly base: Base;
  readonly lock: Lock;
  readonly resolution: Resolution;
  /** The same inputs had been built before. */
  readonly cached: boolean;
}

/** What a build is going to use: everything but the build itself. */
export interface BuildPlan {
  readonly spec: Spec;
  readonly base: Base;
  /** The base with the spec's repositories. */
  readonly prepared: BuiltImage;
  readonly request: AptRequest;
  readonly resolution: Resolution;
  readonly lock: Lock;
}

/** Resolves a spec to exact packages. */
export async function planBuild(
  context: BuildContext,
  spec: Spec,
  options: BuildOptions,
): Promise<BuildPlan> {
  const base = await resolveBase(context, spec, {
    onlyExisting: options.dryRun === true,
    metadata: options.metadata,
  });
  const prepared = await withRepositories(context, base, spec);
  const request = requestOf(spec, options.lock);
  const idle = request.install.length + request.files.length + request.remove.length === 0;
  const resolution: Resolution = idle
    ? { install: [], remove: [], installedBytes: 0 }
    : await step(context.host.report, 'resolve', 'Resolving packages', () =>
        resolvePackages(context, prepared, { request, metadata: options.metadata }),
      );
  const lock = lockOf(context, { base, request, resolution, known: options.lock });
  if (options.locked && options.lock !== undefined) assertSameLock(options.lock, lock);
  return { spec, base, prepared, request, resolution, lock };
}

/** Builds the image of a spec and keeps it under a ref named by the digest of its inputs. Durable when it returns. */
export async function buildSpec(
  context: BuildContext,
  spec: Spec,
  options: BuildOptions,
): Promise<BuildResult> {
  const { store } = context;
  const plan = await planBuild(context, spec, options);
  const ref = refOf(context, plan);
  const existing = findRef(store, ref);
  const image = existing ?? (await runBuild(context, plan, options.metadata));
  const lock = withIds(
    plan.lock,
    accountIds(readImage(store, image), file => readContent(store, file)),
  );
  if (existing === undefined)
    // The lock that comes out would give the same image.
    setRefs(
      store,
      [...new Set([ref, refOf(context, { ...plan, lock })])].map(name => ({ name, image })),
    );
  return {
    image,
    base: plan.base,
    lock,
    resolution: plan.resolution,
    cached: existing !== undefined,
  };
}

/** Builds the image of a plan, whether or not it was built before. Nothing refers to it yet. */
export async function runBuild(
  context: BuildContext,
  plan: BuildPlan,
  metadata: MetadataPolicy,
): Promise<string> {
  const { spec, resolution, prepared } = plan;
  const changes = resolution.install.length + resolution.remove.length > 0;
  const { tree: base, epochSeconds } = changes
    ? await installPlanned(context, plan, metadata)
    : { tree: prepared.tree, epochSeconds: epochOf(prepared.tree, []) };
  let tree = placeFiles(context, base, spec.files);
  if (hasServices(spec.services))
    tree = await applyServices(context, await imageOf(context, tree), spec.services);
  const finished = finishTree(context, tree, { epochSeconds, ids: knownIds(plan.lock) });
  return step(context.host.report, 'write-image', 'Writing the image', () =>
    writeImageObject(context.store, finished),
  );
}

/** The base with the sources and keys of `repositories:`, which apt reads from the image like any other. */
async function withRepositories(context: BuildContext, base: Base, spec: Spec): Promise<BuiltImage> {
  if (spec.repositories.length === 0) return base;
  const files = renderTargetSources(context.host, spec.repositories);
  const tree = files.reduce((current, file) => placeFile(context.store, current, file), base.tree);
  return imageOf(context, tree);
}

async function imageOf(context: BuildContext, tree: Tree): Promise<BuiltImage> {
  return { digest: await writeImageObject(context.store, tree), tree };
}

/** The numbers of accounts that an image has to keep to, in one order. */
function knownIds({ users = {}, groups = {} }: Lock): AccountIds {
  const sorted = (ids: Readonly<Record<string, number>>) => Object.fromEntries(Object.entries(ids).sort());
  return { users: sorted(users), groups: sorted(groups) };
}

/** A lock that also has the accounts of the image that was built from it. Those that are gone keep their numbers. */
function withIds(lock: Lock, ids: AccountIds): Lock {
  const { users, groups } = mergeIds(ids, knownIds(lock));
  return { ...lock, users, groups };
}

/** The ref that keeps a build, named by all that decides its result. */
function refOf(context: BuildContext, plan: BuildPlan): string {
  const digests = new Map(inputFiles(plan.spec).map(path => [path, digestOfFile(context, path)]));
  const input = {
    version: BUILD_VERSION,
    base: plan.base.digest,
    spec: specDigestInput(plan.spec, path => digests.get(path) ?? ''),
    packages: plan.lock.packages,
    ids: knownIds(plan.lock),
    remove: plan.resolution.remove,
  };
  return `build/${createHash('sha256').update(JSON.stringify(input)).digest('hex')}`;
}

function digestOfFile(context: BuildContext, path: string): string {
  const bytes = readFileBytes(context.host.sys, path, INPUT_FILE_MAX_BYTES);
  return createHash('sha256').update(bytes).digest('hex');
}

function assertSameLock(expected: Lock, actual: Lock): void {
  const { added, removed, upgraded, downgraded } = diffLocks(expected, actual);
  const changed = [...upgraded, ...downgraded, ...added, ...removed].map(entry => entry.name);
  if (changed.length === 0 && expected.base.digest === actual.base.digest) return;
  const what = changed.length > 0 ? changed.slice(0, 10).join(', ') : 'the base image';
  throw new AptLayerError('RESOLVE_FAILED', `the lock does not hold any more: ${what} would differ`, {
    hint: 'write a new one with `apt-layer compose lock`',
    details: { changed },
  });
}
