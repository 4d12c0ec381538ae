import { fromText } from '../formats/bytes/index.ts';
import { type Directory, lookupDirectory, type Node, walk } from '../formats/tree/index.ts';
import type { DigestAlgorithm } from '../formats/verity/index.ts';
import { openStore, readImage } from '../store/index.ts';
import type { Sysroot } from '../transaction/index.ts';
import { digestsOf, type EtcDrift, etcDrift, readLiveTree } from './etc-merge/index.ts';
import type { Deployment } from './model.ts';
import { etcPath, storePath } from './paths.ts';
import { isClosed, isDenied, readPublicEtc } from './public/index.ts';

/**
 * What differs in the /etc of a deployment from that of its image. Root sees all of it; others see it but for the paths that are closed to
 * them here or in the image, which are named. PERMISSION where even that cannot be known.
 */
export function readEtcDrift(at: Sysroot, deployment: Deployment): EtcDrift {
  const { host, sysroot } = at;
  const closed = new Set<Node>();
  const { base, algorithm } = readBase(at, deployment, closed);
  const live = readLiveTree(host.sys, fromText(etcPath(sysroot, deployment.id)), closed);
  return etcDrift({ base, mine: live.tree, closed }, digestsOf({ host, algorithm }, live.outside));
}

/** The image's own /etc, which root alone may read, or the record of it. What that does not tell is added to `closed`. */
function readBase(
  { host, sysroot }: Sysroot,
  { id, image }: Deployment,
  closed: Set<Node>,
): { base: Directory | undefined; algorithm: DigestAlgorithm } {
  try {
    const store = openStore(host, storePath(sysroot));
    return { base: lookupDirectory(readImage(store, image), fromText('/etc')), algorithm: store.algorithm };
  } catch (error) {
    if (!isDenied(error)) throw error;
  }
  const { tree, algorithm } = readPublicEtc({ host, sysroot }, id);
  for (const { node } of walk(tree)) if (isClosed(node)) closed.add(node);
  return { base: tree, algorithm };
}
