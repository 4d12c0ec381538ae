import { renderTargetSources } from '../../apt/index.ts';
import type { Tree } from '../../formats/tree/index.ts';
import { type BuildContext, type BuiltImage, imageOf, placeFile, restore } from '../../layer/index.ts';
import { withArchitectures, withHolds, withPins } from '../apply/index.ts';
import type { Spec } from '../spec/index.ts';
import { pinsOf } from './pins.ts';
import { specRepositories } from './spec-archives.ts';

/** The base as a plain root, which apt and dpkg know, with what they are told by the spec: what apt resolves in. */
export function preparedBase(context: BuildContext, base: BuiltImage, spec: Spec): BuiltImage {
  const tree = withAptSettings(context, restore(base.tree), spec);
  return tree === base.tree ? base : imageOf(context, tree);
}

/** The base as a plain root, and nothing of a spec. */
export function plainBase(context: BuildContext, base: BuiltImage): BuiltImage {
  const tree = restore(base.tree);
  return tree === base.tree ? base : imageOf(context, tree);
}

/** The tree with everything of the spec that apt and dpkg read from it like from any other: sources and their keys, architectures, pins, holds. */
export function withAptSettings(context: BuildContext, tree: Tree, spec: Spec): Tree {
  const files = renderTargetSources(context.host, specRepositories(spec));
  const sourced = files.reduce((current, file) => placeFile(context.store, current, file), tree);
  const architectures = spec.multiArch.enabled ? spec.multiArch.architectures : [];
  const pinned = withPins(context, withArchitectures(context, sourced, architectures), pinsOf(spec));
  return withHolds(context, pinned, spec.holds);
}
