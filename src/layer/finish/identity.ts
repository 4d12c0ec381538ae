import { fromText } from '../../formats/bytes/index.ts';
import { lookup, type Metadata, type Tree, withNode } from '../../formats/tree/index.ts';

const MACHINE_ID = fromText('/etc/machine-id');
const DBUS = fromText('/var/lib/dbus');
const DBUS_MACHINE_ID = fromText('/var/lib/dbus/machine-id');
const RESOLV_CONF = fromText('/etc/resolv.conf');
/** With this, systemd-tmpfiles makes /etc/resolv.conf a link to what systemd-resolved writes, if there is none. */
const RESOLVED = fromText('/usr/lib/tmpfiles.d/systemd-resolve.conf');

/**
 * The tree with what says that a machine has no name yet, and no name servers:
 * - an empty /etc/machine-id: PID 1 fills it. Were there none, systemd would take the boot for the first one, apply presets
 *   to all units and ask for a locale on the console;
 * - D-Bus's own copy as a link to it, as its tmpfiles.d has it;
 * - no /etc/resolv.conf where systemd-resolved makes it at boot; everywhere else an empty one, which whoever configures the network
 *   fills. A link of the image would dangle in containers and while packages are installed.
 */
export function withoutIdentity(tree: Tree): Tree {
  let result = tree;
  const { mtime, mtimeNsec } = tree;
  const metadata: Metadata = { mode: 0o644, uid: 0, gid: 0, mtime, mtimeNsec, xattrs: undefined };
  if (lookup(tree, MACHINE_ID)?.kind !== 'file') {
    const content = { kind: 'inline', bytes: Buffer.alloc(0) } as const;
    result = withNode(result, MACHINE_ID, { ...metadata, kind: 'file', size: 0, content, nlink: 1 });
  }
  if (lookup(tree, DBUS)?.kind === 'directory') {
    const target = fromText('/etc/machine-id');
    const link = { ...metadata, mode: 0o777, kind: 'symlink', target, nlink: 1 } as const;
    result = withNode(result, DBUS_MACHINE_ID, link);
  }
  if (lookup(tree, RESOLVED) !== undefined) result = withNode(result, RESOLV_CONF, undefined);
  return result;
}
