import { type ByteString, fromBuffer } from '../../formats/bytes/index.ts';
import { lookup, lookupDirectory, type Tree } from '../../formats/tree/index.ts';
import { withRootFile } from '../place.ts';
import type { ContentAccess } from './content.ts';
import { contentLinks, type IsShipped, LINKS_FILE } from './layout/index.ts';

const RECORDS = '/var/lib/dpkg/info' as ByteString;

/** Which paths the packages of a plain Debian root ship, from dpkg's lists, read when it is first asked. */
export function shippedPaths(tree: Tree, { read }: Pick<ContentAccess, 'read'>): IsShipped {
  let shipped: Set<string> | undefined;
  const readAll = () => {
    const found = new Set<string>();
    for (const [name, node] of lookupDirectory(tree, RECORDS)?.entries ?? [])
      if (name.endsWith('.list') && node.kind === 'file')
        for (const line of fromBuffer(read(node)).split('\n')) found.add(line);
    return found;
  };
  return path => {
    if (MADE_BY_SCRIPTS.has(path)) return false;
    shipped ??= readAll();
    return shipped.has(path);
  };
}

/** What base-files' postinst copies; asking for these alone would read all lists of each image. */
const MADE_BY_SCRIPTS: ReadonlySet<string> = new Set(['/root/.bashrc', '/root/.profile']);

/**
 * Has systemd-tmpfiles(8) make the links to the image's files that a machine lacks: /var is shared with older and newer
 * deployments, which have other files. Expects the layout of an image.
 */
export function withLinksAtBoot(tree: Tree, { put }: Pick<ContentAccess, 'put'>): Tree {
  const lines = contentLinks(tree).flatMap(({ path, target }) =>
    isPlain(path) && isPlain(target) ? [`L "${escaped(path)}" - - - - ${escaped(target)}\n`] : [],
  );
  if (lines.length === 0 || lookup(tree, '/usr/lib/tmpfiles.d' as ByteString)?.kind !== 'directory')
    return tree;
  const text = `# Written by apt-layer: links to files of the image in directories of the machine.\n${lines.join('')}`;
  return withRootFile(tree, { path: LINKS_FILE, bytes: Buffer.from(text, 'latin1'), mode: 0o644 }, put);
}

function isPlain(text: string): boolean {
  return /^[\x20-\x7e\x80-\xff]*$/.test(text) && !/["\\]/.test(text);
}

/** Specifiers of tmpfiles.d(5) begin with a percent sign. */
function escaped(text: string): string {
  return text.replaceAll('%', '%%');
}
