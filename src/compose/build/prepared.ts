import { renderTargetSources } from '../../apt/index.ts';
import { type BuildContext, type BuiltImage, imageOf, placeFile, restore } from '../../layer/index.ts';
import { withArchitectures, withHolds, withPins } from '../apply/index.ts';
import type { Spec } from '../spec/index.ts';
import { pinsOf } from './pins.ts';
import { specRepositories } from './spec-archives.ts';

/**
 * The base as a plain root, which apt, dpkg and maintainer scripts know, with everything of the spec that apt and dpkg read
 * from it like from any other: sources and their keys, architectures, pins, holds.
 */
export function preparedBase(context: BuildContext, base: BuiltImage, spec: Spec): BuiltImage {
  const files = renderTargetSources(context.host, specRepositories(spec));
  const sourced = files.reduce(
    (current, file) => placeFile(context.store, current, file),
    restore(base.tree),
  );
  const architectures = spec.multiArch.enabled ? spec.multiArch.architectures : [];
  const pinned = withPins(context, withArchitectures(context, sourced, architectures), pinsOf(spec));
  const tree = withHolds(context, pinned, spec.holds);
  return tree === base.tree ? base : imageOf(context, tree);
}
