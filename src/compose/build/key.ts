import { createHash } from 'node:crypto';
import { CODE } from '../../code/index.ts';
import { type CanonicalJson, specDigestInput } from '../spec/index.ts';
import type { BuildPlan } from './plan.ts';
import { knownIds } from './run-build.ts';

/** What a build is made of. */
export interface KeyParts {
  readonly plan: Pick<BuildPlan, 'base' | 'spec' | 'lock' | 'resolution'>;
  /** Digests of what the spec reads, by path. */
  readonly inputs: ReadonlyMap<string, string>;
  /** What of the spec might have refused the build; undefined where nothing does. */
  readonly strictness: CanonicalJson | undefined;
}

/** Keys of a spec that packages do not see while they are installed. */
const AFTER_PACKAGES = ['files', 'services', 'users', 'groups', 'scripts', 'initramfs', 'recommends'];

/**
 * The ref that keeps a build, named by all that decides its result: the tree of its packages, what comes after them, and the code
 * that makes both; and by what might have refused it.
 */
export function buildRef(parts: KeyParts): string {
  const { plan, inputs, strictness } = parts;
  const input = {
    code: CODE.image,
    packages: packagesKey(parts),
    spec: specDigestInput(plan.spec, path => inputs.get(path) ?? ''),
    ids: knownIds(plan.lock),
    ...(strictness !== undefined && { strictness: [CODE.judge, strictness] }),
  };
  return `build/${digest(input)}`;
}

/** Digest of all that decides the tree of a base with packages. Where a package comes from is no part of it: its bytes are. */
function packagesKey({ plan, inputs }: KeyParts): string {
  const { base, lock, resolution } = plan;
  const spec = specDigestInput(plan.spec, path => inputs.get(path) ?? '');
  return digest({
    code: CODE.packages,
    base: base.digest,
    spec: Object.fromEntries(Object.entries(spec).filter(([key]) => !AFTER_PACKAGES.includes(key))),
    packages: lock.packages.map(({ name, architecture, version, sha256, requested }) => [
      name,
      architecture,
      version,
      sha256,
      requested,
    ]),
    remove: resolution.remove,
  });
}

function digest(input: unknown): string {
  return createHash('sha256').update(JSON.stringify(input)).digest('hex');
}
