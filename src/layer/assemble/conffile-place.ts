import type { ByteString } from '../../formats/bytes/index.ts';
import { components, lookupDirectory } from '../../formats/tree/index.ts';
import { pathOf, resolveDirectory, type Workspace } from './workspace.ts';

/** Symlinks that dpkg follows from a conffile. */
const LINKS_MAX = 25;

interface Place {
  readonly parent: readonly ByteString[];
  readonly name: ByteString;
}

/**
 * Where a conffile's new version goes: beside the file that its name leads to when that is a symlink, as dpkg's
 * `conffderef` has it. A link that leads to a directory, nowhere or round in circles is not followed.
 */
export function dereferenceConffile(
  { root }: Workspace,
  parent: readonly ByteString[],
  name: ByteString,
): Place {
  let place: Place = { parent, name };
  for (let followed = 0; followed <= LINKS_MAX; followed += 1) {
    const node = lookupDirectory(root, pathOf(place.parent))?.entries.get(place.name);
    if (node === undefined || node.kind === 'file') return place;
    if (node.kind !== 'symlink') break;
    const names = components(node.target);
    const last = names.pop();
    const from = node.target.startsWith('/') ? [] : place.parent;
    const directory = resolveDirectory(root, names, from);
    if (last === undefined || last === '.' || last === '..' || directory === undefined) break;
    place = { parent: directory, name: last };
  }
  return { parent, name };
}
