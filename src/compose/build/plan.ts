import { type AptRequest, type Resolution, renderTargetSources } from '../../apt/index.ts';
import { AptLayerError } from '../../errors/index.ts';
import {
  type BuildContext,
  type BuiltImage,
  imageOf,
  type MetadataPolicy,
  placeFile,
  resolvePackages,
  restore,
} from '../../layer/index.ts';
import { step } from '../../report/index.ts';
import { diffLocks, type Lock } from '../lock/index.ts';
import type { Spec } from '../spec/index.ts';
import { type Base, resolveBase } from './base.ts';
import { lockOf } from './lock-of.ts';
import { requestOf } from './request-of.ts';

export interface BuildOptions {
  readonly metadata: MetadataPolicy;
  /** Versions to keep to where the archive still has them. */
  readonly lock?: Lock;
  /** Make nothing, not even a base that is missing. */
  readonly dryRun?: boolean;
  /** Refuse any package set other than that of `lock`. */
  readonly locked?: boolean;
}

/** What a build is going to use: everything but the build itself. */
export interface BuildPlan {
  readonly spec: Spec;
  readonly base: Base;
  /** The base as a plain root, with the spec's repositories. */
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
  const prepared = prepare(context, base, spec);
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

/**
 * The base as a plain root, which apt, dpkg and maintainer scripts know, with the sources and keys of `repositories:`,
 * which apt reads from it like any other.
 */
function prepare(context: BuildContext, base: Base, spec: Spec): BuiltImage {
  const files = renderTargetSources(context.host, spec.repositories);
  const tree = files.reduce((current, file) => placeFile(context.store, current, file), restore(base.tree));
  return tree === base.tree ? base : imageOf(context, tree);
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
