import { AptLayerError } from '../errors/index.ts';
import { type ByteString, fromText, toText } from '../formats/bytes/index.ts';
import { type Directory, lookup, type Node, type Tree } from '../formats/tree/index.ts';
import type { Host } from '../host/index.ts';
import { checkout, type Store } from '../store/index.ts';
import type { Account } from './accounts.ts';
import { openPlace } from './etc-place.ts';

interface HomeOf {
  readonly account: Account;
  /** What a new home begins with. */
  readonly skeleton: Directory | undefined;
}

interface SystemVar {
  /** The directory that becomes /var. */
  readonly var: string;
  readonly store: Store;
  readonly tree: Tree;
}

/** Where in /var a home is: images have /home and /root as links into it. FAILED for a home elsewhere. */
export function homeInVar(tree: Tree, home: string): string {
  const [top = '', ...rest] = home.split('/').filter(name => name !== '');
  const node = top === '' || top === 'var' ? undefined : lookup(tree, fromText(`/${top}`));
  const link = node?.kind === 'symlink' ? /^\/?var\/([^/].*)$/.exec(toText(node.target))?.[1] : undefined;
  const parts = top === 'var' ? rest : [...(link?.split('/') ?? []), ...rest];
  if ((top === 'var' || link !== undefined) && parts.length > 0 && parts.every(isName))
    return parts.join('/');
  throw new AptLayerError(
    'FAILED',
    `the home ${home} of the image is not in /var, where it could be written`,
    {
      hint: 'images made by `apt-layer compose tree` have /home and /root there',
    },
  );
}

function isName(part: string): boolean {
  return part !== '' && part !== '.' && part !== '..';
}

/** Makes a home with a copy of /etc/skel; one that is there already stays. */
export async function makeHome(host: Host, system: SystemVar, { account, skeleton }: HomeOf): Promise<void> {
  const { sys } = host;
  const path = openPlace(host, system.var).directory(parentOf(homeInVar(system.tree, account.home)));
  const home = `${path}/${account.home.split('/').at(-1)}`;
  if (sys.lstatIfExists(home) !== undefined) return;
  if (skeleton === undefined) sys.mkdir(home, 0o700);
  else await checkout(system.store, ownedBy(skeleton, account), home);
  sys.lchown(home, account.uid, account.gid);
  sys.chmod(home, 0o700);
}

/** Lets the holders of `keys` log in by ssh. */
export async function writeKeys(
  host: Host,
  system: SystemVar,
  { account, skeleton, keys }: HomeOf & { readonly keys: string },
): Promise<void> {
  await makeHome(host, system, { account, skeleton: account.uid === 0 ? undefined : skeleton });
  const { sys } = host;
  const directory = `${homeInVar(system.tree, account.home)}/.ssh`;
  const place = openPlace(host, system.var);
  const path = place.directory(directory);
  place.write(`${directory}/authorized_keys`, keys, 0o600);
  for (const one of [path, `${path}/authorized_keys`]) sys.lchown(one, account.uid, account.gid);
  sys.chmod(path, 0o700);
}

function parentOf(path: string): string {
  return path.split('/').slice(0, -1).join('/');
}

function ownedBy(directory: Directory, { uid, gid }: Account): Directory {
  const entries = new Map<ByteString, Node>();
  for (const [name, node] of directory.entries)
    entries.set(
      name,
      node.kind === 'directory' ? ownedBy(node, { uid, gid } as Account) : { ...node, uid, gid },
    );
  return { ...directory, uid, gid, entries };
}
