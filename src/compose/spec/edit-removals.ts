import { AptLayerError } from '../../errors/index.ts';
import type { PackageRequest, Spec } from './model.ts';
import { checkPackageName } from './names.ts';
import { isDebRequest, packageKey } from './package-request.ts';

/** Packages that are to go, and packages that are wanted again. */
export interface RemovalsEdit {
  readonly add: readonly string[];
  /** Requests as on the command line; those that name no package of an archive do not count. */
  readonly undo: readonly PackageRequest[];
}

/**
 * What is to go is no longer layered, held or overridden; what was not layered comes under `remove`, as it can only be of the base.
 * USAGE for what is no name of a package.
 */
export function editRemovals(spec: Spec, { add, undo }: RemovalsEdit) {
  for (const name of add) {
    const checked = checkPackageName(name);
    if (!('value' in checked))
      throw new AptLayerError('USAGE', `--remove: ${checked.reason}`, { hint: checked.hint });
  }
  const gone = new Set(add);
  const isGone = (name: string) => gone.has(name) || gone.has(name.replace(/:.*$/, ''));
  const layers = spec.layers.filter(one => isDebRequest(one) || !isGone(packageKey(one)));
  const layered = new Set(spec.layers.filter(one => !layers.includes(one)).map(packageKey));
  const wanted = new Set(undo.flatMap(one => (isDebRequest(one) ? [] : [one.name])));
  const kept = spec.remove.filter(name => !wanted.has(name));
  const fresh = add.filter(name => !kept.includes(name) && !layered.has(name));
  const after = {
    layers,
    layerPolicies: spec.layerPolicies.filter(one => !layered.has(one.package)),
    holds: spec.holds.filter(name => !isGone(name)),
    overrides: spec.overrides.filter(one => one.kind === 'remove' || !isGone(one.package)),
    remove: [...kept, ...new Set(fresh)],
  };
  const keys = (['layers', 'holds', 'overrides'] as const).filter(
    key => after[key].length !== spec[key].length,
  );
  return { spec: { ...spec, ...after }, keys: [...keys, 'remove'], items: add };
}
