import { parseOsRelease } from '../../apt/index.ts';
import { type ByteString, fromText } from '../../formats/bytes/index.ts';
import { lookup, resolveParents, type Tree } from '../../formats/tree/index.ts';
import { readContent, type Store } from '../../store/index.ts';
import type { Distribution } from '../../vulnerabilities/index.ts';

const PATH = fromText('/usr/lib/os-release');
const MAX_BYTES = 64 * 1024;

/** What an image is, by its os-release; undefined when it has none. */
export function distributionOf(store: Store, tree: Tree): Distribution | undefined {
  const file = lookup(tree, resolveParents(tree, PATH).join('/') as ByteString);
  if (file?.kind !== 'file' || file.size > MAX_BYTES) return undefined;
  const said = parseOsRelease(readContent(store, file).toString('utf8'));
  const word = (name: string) =>
    said
      .get(name)
      ?.toLowerCase()
      .replace(/[^a-z0-9._-]/g, '') ?? '';
  const id = word('ID');
  return id === '' ? undefined : { id, codename: word('VERSION_CODENAME'), version: word('VERSION_ID') };
}
