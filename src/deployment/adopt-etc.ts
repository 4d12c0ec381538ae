import { type ByteString, toText } from '../formats/bytes/index.ts';
import type { Directory, Node } from '../formats/tree/index.ts';
import { removeLeftover, syncDirectory, syncFileSystem, temporaryBeside } from '../fs/index.ts';
import type { Host } from '../host/index.ts';
import { log } from '../report/index.ts';
import { openStore, readImage } from '../store/index.ts';
import { statePaths, type Transaction } from '../transaction/index.ts';
import { etcOf } from './continued-etc.ts';
import { isAccountTable, mergeEtc } from './etc-merge/index.ts';
import type { Deployment } from './model.ts';
import { deploymentPath, etcPath, storePath } from './paths.ts';

/** An /etc that no image of this sysroot made. */
export interface ForeignEtc {
  readonly path: string;
  /** Whether a path of the image, below /etc, is news to the machine: what it lacks of the rest was taken away on purpose. */
  readonly isNew: (path: string, node: Node) => boolean;
}

/**
 * Gives a deployment the /etc of a machine that was no deployment: all that the machine has stays as it is, accounts and files of packages
 * that it does not have are added. `edit` may change the result before it takes its place, in one rename. Durable when it resolves.
 */
export async function adoptEtc(
  { host, sysroot }: Transaction,
  adopted: {
    readonly deployment: Deployment;
    readonly etc: ForeignEtc;
    readonly edit: (directory: string) => void;
  },
): Promise<void> {
  const { deployment, etc, edit } = adopted;
  const { deployments } = statePaths(sysroot);
  const store = openStore(host, storePath(sysroot));
  const image = readImage(store, deployment.image);
  const fresh = etcOf(image);
  const aside = temporaryBeside(`${deployments}/etc`);
  const base = fresh === undefined ? undefined : known(host, etc, { path: '', directory: fresh });
  const merge = { base, live: etc.path, image, renumberAccounts: false, target: aside };
  const { warnings } = await mergeEtc(host, store, merge);
  for (const warning of warnings) log(host.report, 'warning', warning);
  edit(aside);
  syncFileSystem(host.sys, deployments);
  host.sys.exchange(aside, etcPath(sysroot, deployment.id));
  syncDirectory(host.sys, deploymentPath(sysroot, deployment.id));
  removeLeftover(host, aside);
}

/** What the machine knows of an image's /etc: not its tables of accounts, so that they are merged, and nothing that is new to it. */
function known(
  host: Host,
  etc: ForeignEtc,
  { path, directory }: { path: string; directory: Directory },
): Directory {
  const entries = new Map<ByteString, Node>();
  for (const [name, node] of directory.entries) {
    const child = `${path}/${toText(name)}`;
    if (isAccountTable(child)) continue;
    const isThere = host.sys.lstatIfExists(`${etc.path}${child}`) !== undefined;
    if (!isThere && etc.isNew(child, node)) continue;
    entries.set(name, node.kind === 'directory' ? known(host, etc, { path: child, directory: node }) : node);
  }
  return { ...directory, entries };
}
