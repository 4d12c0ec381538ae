import { createHash } from 'node:crypto';
import { CODE } from '../../code/index.ts';
import { accountIds, type BuildContext } from '../../layer/index.ts';
import { findRef, listRefs, readContent, readImage } from '../../store/index.ts';
import { lockedKey } from '../lock/index.ts';
import { type CanonicalJson, specDigestInput } from '../spec/index.ts';
import type { BuildPlan } from './plan.ts';
import { knownIds } from './run-build.ts';
import type { Stage } from './stage-plan.ts';

/** What a build is made of. */
export interface KeyParts {
  readonly plan: Pick<BuildPlan, 'base' | 'spec' | 'lock'>;
  readonly stages: readonly Stage[];
  /** Digests of what the spec reads, by path. */
  readonly inputs: ReadonlyMap<string, string>;
  /** What of the spec might have refused the build; undefined where nothing does. */
  readonly strictness: CanonicalJson | undefined;
}

/**
 * The ref that keeps a build, named by all that decides its result: the tree of its last stage, what comes after it, and the code
 * that makes both; by what might have refused it; and by the numbers of accounts that it keeps to.
 */
export function buildRef(parts: KeyParts): string {
  return `${refsOf(parts)}${digest(knownIds(parts.plan.lock)).slice(0, 16)}`;
}

/** The image that a build of these parts would give, where it was built before; numbers of accounts that it does not have are no matter then. */
export function findBuild({ store }: Pick<BuildContext, 'store'>, parts: KeyParts): string | undefined {
  const { users, groups } = knownIds(parts.plan.lock);
  const keepsTo = (image: string) => {
    const found = accountIds(readImage(store, image), file => readContent(store, file));
    return isPartOf(found.users, users) && isPartOf(found.groups, groups);
  };
  return (
    findRef(store, buildRef(parts)) ??
    listRefs(store, refsOf(parts))
      .map(one => one.image)
      .find(keepsTo)
  );
}

type Numbers = Readonly<Record<string, number>>;

function isPartOf(some: Numbers, all: Numbers): boolean {
  return Object.entries(some).every(([name, id]) => Object.hasOwn(all, name) && all[name] === id);
}

/** What the names of the refs of a build begin with, whatever the numbers of its accounts. */
function refsOf({ plan, stages, inputs, strictness }: KeyParts): string {
  const last = stages.at(-1);
  const input = {
    code: CODE.image,
    base: plan.base.digest,
    packages: (strictness === undefined ? last?.lenientRef : last?.ref) ?? null,
    requested: plan.lock.packages.filter(one => one.requested).map(lockedKey),
    spec: specDigestInput(plan.spec, path => inputs.get(path) ?? ''),
    ...(strictness !== undefined && { strictness: [CODE.judge, strictness] }),
  };
  return `build/${digest(input)}-`;
}

function digest(input: unknown): string {
  return createHash('sha256').update(JSON.stringify(input)).digest('hex');
}
