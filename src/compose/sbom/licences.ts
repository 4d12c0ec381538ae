import type { Tree } from '../../formats/tree/index.ts';
import { type Licence, readCopyright } from '../../sbom/index.ts';
import { readContent, type Store } from '../../store/index.ts';
import { fileAt } from '../packages/index.ts';

/** The largest ones, of browsers, have 2 MiB. */
const FILE_MAX_BYTES = 8 * 1024 * 1024;

/** What the copyright file of a package in a tree says; packages of one source often share it, and it is read once. */
export function licenceReader(store: Store, tree: Tree): (name: string) => Licence | undefined {
  const known = new Map<object, Licence | undefined>();
  return name => {
    const file = fileAt(tree, `/usr/share/doc/${name}/copyright`);
    if (file === undefined || file.size > FILE_MAX_BYTES) return undefined;
    if (!known.has(file)) known.set(file, readCopyright(readContent(store, file)));
    return known.get(file);
  };
}
