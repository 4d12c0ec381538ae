import type { BuildContext } from '../../layer/index.ts';
import { log } from '../../report/index.ts';
import { type Lock, withKeptStages } from '../lock/index.ts';
import { type PackageRequest, renderPackageRequest, type Spec } from '../spec/index.ts';

/** The deployment whose spec is edited. */
export interface EditedFrom {
  readonly spec: Spec;
  readonly lock: Lock;
}

/** What an edit of a spec asks of packages. */
export type PackageEdit =
  /** Versions, or the base, may be others: packages are resolved from the base. */
  | { readonly kind: 'other' }
  /** Each package stays. */
  | { readonly kind: 'none' }
  /** Each package stays, and apt has to see what is new of archives. */
  | { readonly kind: 'add'; readonly added: readonly PackageRequest[] }
  /** Packages that were asked for no longer are. */
  | { readonly kind: 'remove' };

/** Keys by which apt comes to other packages, or to others of a base. */
const DECIDING = [
  'baseImage',
  'bootstrap',
  'snapshot',
  'remove',
  'overrides',
  'multiArch',
  'recommends',
  'pins',
] as const satisfies readonly (keyof Spec)[];

/** Keys that apt must be able to read. */
const SEEN = ['repositories', 'holds'] as const satisfies readonly (keyof Spec)[];

/** What the edit from one spec to another means for packages. */
export function packageEdit(before: Spec, after: Spec): PackageEdit {
  const differs = (key: keyof Spec) => JSON.stringify(before[key]) !== JSON.stringify(after[key]);
  if (DECIDING.some(differs)) return { kind: 'other' };
  const [old, now] = [before, after].map(spec => new Set(spec.layers.map(renderPackageRequest)));
  const added = after.layers.filter(one => !old!.has(renderPackageRequest(one)));
  const removed = before.layers.filter(one => !now!.has(renderPackageRequest(one)));
  if (removed.length === 0)
    return added.length > 0 || SEEN.some(differs) ? { kind: 'add', added } : { kind: 'none' };
  return added.length === 0 && !SEEN.some(differs) ? { kind: 'remove' } : { kind: 'other' };
}

/** The lock of an edited spec with the stages of the one before, as far as they stay; one line says which package costs a rebuild. */
export function keepingStages({ host }: Pick<BuildContext, 'host'>, from: EditedFrom, resolved: Lock): Lock {
  const { lock, because, kept } = withKeptStages(from.lock, resolved);
  if (because !== undefined) {
    const what = `${because.package} ${because.isGone ? 'goes' : 'changes'}`;
    const all =
      kept === 0 ? 'all packages are' : `all but the first ${kept === 1 ? 'stage is' : `${kept} stages are`}`;
    log(host.report, 'info', `${what}: ${all} installed again`);
  }
  return lock;
}
