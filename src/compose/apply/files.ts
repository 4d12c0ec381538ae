import { AptLayerError, withContextSync } from '../../errors/index.ts';
import { fromText } from '../../formats/bytes/index.ts';
import {
  contentOf,
  type Directory,
  lookup,
  type Metadata,
  type Node,
  resolveParents,
  type Tree,
  withNode,
} from '../../formats/tree/index.ts';
import { readFileBytes } from '../../fs/index.ts';
import type { BuildContext } from '../../layer/index.ts';
import { putObject, readContent } from '../../store/index.ts';
import type { SpecFile } from '../spec/index.ts';

/** A file that a spec brings may be this long; larger payloads belong in a package. */
const FILE_MAX_BYTES = 256 * 1024 * 1024;

/** A tree with the spec's files in place. Parents are followed inside the tree only; what is there is replaced. */
export function placeFiles(context: BuildContext, tree: Tree, files: readonly SpecFile[]): Tree {
  return files.reduce((current, file) => {
    const path = fromText(file.path);
    return withContextSync(`placing ${file.path}`, () =>
      withNode(current, path, nodeFor(context, current, file)),
    );
  }, tree);
}

function nodeFor(context: BuildContext, tree: Tree, file: SpecFile): Node {
  const times = { mtime: tree.mtime, mtimeNsec: tree.mtimeNsec, xattrs: undefined };
  if (file.kind === 'link')
    return {
      ...times,
      kind: 'symlink',
      mode: 0o777,
      uid: 0,
      gid: 0,
      target: fromText(file.target),
      nlink: 1,
    };
  const metadata: Metadata = {
    ...times,
    mode: file.mode,
    uid: idOf(context, tree, { name: file.owner, database: '/etc/passwd' }),
    gid: idOf(context, tree, { name: file.group, database: '/etc/group' }),
  };
  if (file.kind === 'directory')
    return { ...metadata, kind: 'directory', entries: existingEntries(tree, file.path) };
  const bytes =
    file.kind === 'content'
      ? Buffer.from(file.content)
      : readFileBytes(context.host.sys, file.source, FILE_MAX_BYTES);
  const content = contentOf(bytes, value => putObject(context.store, value));
  return { ...metadata, kind: 'file', size: bytes.length, content, nlink: 1 };
}

/** A `directory` entry sets the metadata of a directory that is there already, and keeps what is in it. */
function existingEntries(tree: Tree, path: string): Directory['entries'] {
  const found = lookup(
    tree,
    `/${resolveParents(tree, fromText(path)).join('/')}` as ReturnType<typeof fromText>,
  );
  return found?.kind === 'directory' ? new Map(found.entries) : new Map();
}

function idOf(context: BuildContext, tree: Tree, owner: { name: string | number; database: string }): number {
  if (typeof owner.name === 'number') return owner.name;
  const node = lookup(tree, fromText(owner.database));
  const text = node?.kind === 'file' ? readContent(context.store, node).toString('utf8') : '';
  return parseId(text, owner.name) ?? missing(owner.name, owner.database);
}

/** The third field of the line of `name` in the text of /etc/passwd or /etc/group. */
export function parseId(text: string, name: string): number | undefined {
  for (const line of text.split('\n')) {
    const fields = line.split(':');
    if (fields[0] === name && /^\d+$/.test(fields[2] ?? '')) return Number(fields[2]);
  }
  return undefined;
}

function missing(name: string, database: string): never {
  throw new AptLayerError('SPEC_INVALID', `the image has no ${name} in ${database}`, {
    hint: `use a number, or layer the package that makes ${name}`,
  });
}
