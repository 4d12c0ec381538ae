import { type Tree, walk } from '../../formats/tree/index.ts';
import type { AssemblyPackage } from '../assemble/index.ts';

/**
 * The newest time in a base and in packages, in seconds: what is made while they are installed gets this one. It
 * depends on the inputs alone, and nothing that came with them is newer, so that caches which record times stay valid.
 */
export function epochOf(base: Tree | undefined, packages: readonly AssemblyPackage[]): number {
  let newest = 0;
  const see = (tree: Tree) => {
    for (const { node } of walk(tree)) if (node.mtime > newest) newest = Number(node.mtime);
  };
  if (base !== undefined) see(base);
  for (const one of packages) see(one.image.data);
  return newest;
}
