import { fromText } from '../../formats/bytes/index.ts';
import { lookup, type Tree, withNode } from '../../formats/tree/index.ts';
import { type ContentAccess, withContent } from './content.ts';

const SHADOW = fromText('/etc/shadow');

/**
 * The tree without the day on which accounts got their locked password, which is the day of the build. An account that
 * has a password keeps its day.
 */
export function normalizeShadow(tree: Tree, access: ContentAccess): Tree {
  const node = lookup(tree, SHADOW);
  if (node?.kind !== 'file') return tree;
  const text = access.read(node).toString('latin1');
  const result = text.replace(/^([^:\n]*:[!*][^:\n]*:)\d+:/gm, '$1:');
  if (result === text) return tree;
  return withNode(tree, SHADOW, withContent(node, Buffer.from(result, 'latin1'), access));
}
