import { type Changelog, changelogText, parseChangelog } from '../../apt/index.ts';
import { AptLayerError } from '../../errors/index.ts';
import { type ByteString, fromText } from '../../formats/bytes/index.ts';
import { lookup, type RegularFile, resolveParents, type Tree } from '../../formats/tree/index.ts';
import type { Host } from '../../host/index.ts';
import { log } from '../../report/index.ts';
import { readContent, type Store } from '../../store/index.ts';

/** Larger files are no changelogs. */
const FILE_MAX_BYTES = 32 * 1024 * 1024;

export interface ChangelogRequest {
  readonly name: string;
  readonly architecture: string;
  readonly from: string;
  readonly to: string;
}

/**
 * What a package's changelog in a tree says of the versions after `from` up to `to`; undefined when the tree has none,
 * as images without documentation do. One that is damaged is a warning and counts as none.
 */
export async function changelogOf(
  { host, store }: { host: Pick<Host, 'report'>; store: Store },
  tree: Tree,
  wanted: ChangelogRequest,
): Promise<Changelog | undefined> {
  const found = changelogFiles(tree, wanted);
  const entries: Changelog['entries'][number][] = [];
  let truncated = false;
  for (const file of found)
    try {
      const text = await changelogText(readContent(store, file));
      const read = parseChangelog(text, { after: wanted.from, upTo: wanted.to });
      entries.push(...read.entries);
      truncated ||= read.truncated;
    } catch (error) {
      if (!(error instanceof AptLayerError)) throw error;
      log(host.report, 'warning', `the changelog of ${wanted.name} cannot be read: ${error.message}`);
    }
  return found.length === 0 ? undefined : { entries, truncated };
}

/** That of a rebuild for one architecture comes first: its versions are newer. */
function changelogFiles(tree: Tree, { name, architecture }: ChangelogRequest): RegularFile[] {
  const directory = `/usr/share/doc/${name}`;
  const main = ['changelog.Debian.gz', 'changelog.gz', 'changelog.Debian', 'changelog'];
  const own = fileAt(tree, `${directory}/changelog.Debian.${architecture}.gz`);
  const first = main.map(file => fileAt(tree, `${directory}/${file}`)).find(file => file !== undefined);
  return [own, first].filter(file => file !== undefined && file.size <= FILE_MAX_BYTES) as RegularFile[];
}

/** The file at a path; packages of one source often link to the documentation of another. */
export function fileAt(tree: Tree, path: string): RegularFile | undefined {
  let wanted = fromText(path);
  for (let links = 0; links < 8; links++) {
    const names = resolveParents(tree, wanted);
    const node = lookup(tree, names.join('/') as ByteString);
    if (node?.kind === 'file') return node;
    if (node?.kind !== 'symlink') return undefined;
    const beside = `/${names.slice(0, -1).join('/')}/${node.target}` as ByteString;
    wanted = node.target.startsWith('/') ? node.target : beside;
  }
  return undefined;
}
