import { toText } from '../../formats/bytes/index.ts';
import { diffNodes } from '../../formats/tree/index.ts';
import type { BuildContext, MetadataPolicy } from '../../layer/index.ts';
import { step } from '../../report/index.ts';
import type { BuildPlan } from './plan.ts';
import { runBuild } from './run-build.ts';

/** Two builds of the same inputs. */
export interface BuildCheck {
  /** Digests of both images: equal when the build is reproducible. */
  readonly images: readonly [string, string];
  /** What differs between them, by path. */
  readonly differences: readonly { readonly path: string; readonly aspects: readonly string[] }[];
}

/** More than these are not listed. */
const DIFFERENCES_MAX = 1000;

/** Builds a plan twice, from nothing that an earlier build made but imported packages, and compares the images. */
export async function checkBuild(
  context: BuildContext,
  plan: BuildPlan,
  metadata: MetadataPolicy,
): Promise<BuildCheck> {
  const build = (which: string) =>
    step(context.host.report, 'check', `Building it for the ${which} time`, () =>
      runBuild(context, plan, { metadata, reuse: false }),
    );
  const [before, after] = [await build('first'), await build('second')];
  const images = [before.digest, after.digest] as const;
  if (images[0] === images[1]) return { images, differences: [] };
  const differences: { path: string; aspects: string[] }[] = [];
  for (const difference of diffNodes(before.tree, after.tree, { times: true })) {
    if (differences.length === DIFFERENCES_MAX) break;
    const aspects = difference.change === 'changed' ? [...difference.aspects] : [difference.change];
    differences.push({ path: toText(difference.path), aspects });
  }
  return { images, differences };
}
