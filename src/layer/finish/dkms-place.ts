import { fromText } from '../../formats/bytes/index.ts';
import { lookup, lookupDirectory, type Tree, withNode } from '../../formats/tree/index.ts';
import { withRootFile } from '../place.ts';
import type { ContentAccess } from './content.ts';

const STATE = fromText('/var/lib/dkms');
const SETTINGS = fromText('/etc/dkms/framework.conf.d');
const SETTING = '/etc/dkms/framework.conf.d/apt-layer.conf';

// dkms(8) has bash read it. While packages are configured the state is a directory, and dkms is to use that.
const TEXT = `# Written by apt-layer. dkms compares paths, so it has to know where the link leads.
if [ -L /var/lib/dkms ]; then dkms_tree=$(readlink -f /var/lib/dkms); fi
`;

/**
 * Tells dkms where its state is in an image: behind a link (layout/table.ts) it would call modules built that are installed, as it compares the
 * paths that two links lead to. Expects the layout of an image; a tree without DKMS does not keep the setting.
 */
export function withDkmsPlace(tree: Tree, { put }: Pick<ContentAccess, 'put'>): Tree {
  if (lookupDirectory(tree, SETTINGS) === undefined) return tree;
  if (lookup(tree, STATE)?.kind !== 'symlink') return withNode(tree, fromText(SETTING), undefined);
  return withRootFile(tree, { path: SETTING, bytes: Buffer.from(TEXT), mode: 0o644 }, put);
}
