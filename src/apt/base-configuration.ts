import { toText } from '../formats/bytes/index.ts';
import { S_IFMT, S_IFREG } from '../formats/tree/index.ts';
import { ensureDirectory, listDirectory, removeTree } from '../fs/index.ts';
import type { Sys } from '../sys/index.ts';
import type { BootstrapPlan } from './bootstrap-plan.ts';
import { type Distribution, distributionById } from './distributions/index.ts';
import { readKeyring } from './keyring.ts';
import { renderSources, type SignedBy } from './sources/index.ts';

/** Files that mmdebstrap leaves for the apt and dpkg of a system that it still works on. */
const LEFTOVERS = [
  'etc/apt/apt.conf.d/00mmdebstrap',
  'etc/apt/apt.conf.d/99mmdebstrap',
  'etc/dpkg/dpkg.cfg.d/99mmdebstrap',
  'etc/apt/sources.list',
];

/**
 * Replaces what mmdebstrap wrote into the system in `root` by our own: one file of sources whose keys are the
 * system's own, an empty machine-id, a neutral host name and no name servers.
 */
export function writeBaseConfiguration(sys: Sys, root: string, plan: BootstrapPlan): void {
  const sourcesDirectory = `${root}/etc/apt/sources.list.d`;
  for (const path of LEFTOVERS) removeTree(sys, `${root}/${path}`);
  for (const name of listDirectory(sys, sourcesDirectory))
    removeTree(sys, `${sourcesDirectory}/${toText(name)}`);
  ensureDirectory(sys, sourcesDirectory);
  const distribution = plan.distribution === undefined ? undefined : distributionById(plan.distribution);
  const signedBy = placeKeyring(sys, root, { keyring: plan.keyring.path, distribution });
  const sources = renderSources(
    plan.sources.map(source => ({ ...source, uris: source.uris.map(withoutPassword), signedBy })),
  );
  replaceFile(sys, `${root}${distribution?.sourcesFile ?? '/etc/apt/sources.list.d/base.sources'}`, sources);
  forgetPasswordDates(sys, `${root}/etc/shadow`);
  replaceFile(sys, `${root}/etc/machine-id`, '');
  replaceFile(sys, `${root}/etc/hostname`, 'localhost\n');
  replaceFile(sys, `${root}/etc/resolv.conf`, '');
}

/** An image is no place for a password; its apt finds one in auth.conf.d. */
function withoutPassword(uri: string): string {
  return uri.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i, '$1');
}

/** The path inside the system of the keys: the ones its keyring package ships, else a copy of those that verified it. */
function placeKeyring(
  sys: Sys,
  root: string,
  { keyring, distribution }: { keyring: string; distribution: Distribution | undefined },
): SignedBy {
  const official = distribution?.keyrings.includes(keyring) ? distribution.keyrings : [];
  const shipped = [keyring, ...official].find(
    path => path.startsWith('/usr/') && sys.lstatIfExists(`${root}${path}`) !== undefined,
  );
  if (shipped !== undefined) return { kind: 'file', path: shipped };
  const { bytes, extension } = readKeyring(sys, keyring);
  const path = `/etc/apt/keyrings/apt-layer-base.${extension}`;
  ensureDirectory(sys, `${root}/etc/apt/keyrings`);
  replaceFile(sys, `${root}${path}`, bytes);
  return { kind: 'file', path };
}

/** A new file in place of whatever has the name, so that a link there is not followed. */
function replaceFile(sys: Sys, path: string, content: string | Buffer): void {
  removeTree(sys, path);
  const fd = sys.create(path, 0o644);
  try {
    sys.fchmod(fd, 0o644);
    sys.write(fd, typeof content === 'string' ? Buffer.from(content) : content);
  } finally {
    sys.close(fd);
  }
}

/** Takes out the day each password was set, which is the day of the build. No account of a base has a password. */
function forgetPasswordDates(sys: Sys, path: string): void {
  const stat = sys.lstatIfExists(path);
  if (stat === undefined || (stat.mode & S_IFMT) !== S_IFREG) return;
  const text = sys.readFile(path).toString('latin1');
  const fd = sys.openAppend(path, 0o640);
  try {
    sys.truncate(fd, 0);
    sys.write(fd, Buffer.from(text.replace(/^([^:\n]*:[^:\n]*):\d+:/gm, '$1::'), 'latin1'));
  } finally {
    sys.close(fd);
  }
}
