import { type ByteString, fromText } from '../../formats/bytes/index.ts';
import { lookup, lookupDirectory, type Tree, withNode } from '../../formats/tree/index.ts';
import { withRootFile } from '../place.ts';
import { type ContentAccess, textAt } from './content.ts';
import type { Secret } from './secret.ts';
import { SECRETS } from './secrets.ts';

/** Where the image keeps what makes its secrets anew. */
const SCRIPT = '/usr/lib/apt-layer/make-secrets';
const UNIT = '/usr/lib/systemd/system/apt-layer-secrets.service';
const WANTED_BY = '/usr/lib/systemd/system/sysinit.target.wants/apt-layer-secrets.service';

/**
 * The tree without secrets that its packages made while it was built, and with a unit that makes them on the first boot of
 * each machine, together with those that the image it was built on lacks for the same reason. A tree without any of
 * them stays as it is.
 */
export function stripSecrets(tree: Tree, access: ContentAccess): Tree {
  const earlier = textAt(tree, SCRIPT, access.read);
  let result = tree;
  const missing = SECRETS.filter(secret => {
    const found = isOwn(tree, secret, access) ? [] : secret.paths.flatMap(pattern => matching(tree, pattern));
    for (const path of found) result = withNode(result, path, undefined);
    return found.length > 0 || earlier.includes(testOf(secret));
  });
  const made = missing.filter(secret => lookup(tree, fromText(secret.tool)) !== undefined);
  const hasSystemd = lookup(tree, fromText('/usr/lib/systemd/systemd')) !== undefined;
  if (made.length > 0 && hasSystemd) return withUnit(result, made, access);
  if (lookup(tree, fromText(SCRIPT)) === undefined) return result;
  return [SCRIPT, UNIT, WANTED_BY].reduce((rest, path) => withNode(rest, fromText(path), undefined), result);
}

function isOwn(tree: Tree, { unless }: Secret, { read }: ContentAccess): boolean {
  return unless?.says.test(textAt(tree, unless.path, read)) ?? false;
}

/** The paths of a tree that fit a pattern whose last component may have `*`. */
function matching(tree: Tree, pattern: string): ByteString[] {
  const slash = pattern.lastIndexOf('/');
  const [parent, last] = [pattern.slice(0, slash), pattern.slice(slash + 1)];
  const expression = new RegExp(`^${last.split('*').map(literally).join('[^/]*')}$`);
  const names = lookupDirectory(tree, fromText(parent))?.entries.keys() ?? [];
  return [...names].filter(name => expression.test(name)).map(name => `${parent}/${name}` as ByteString);
}

function literally(text: string): string {
  return text.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
}

function withUnit(tree: Tree, secrets: readonly Secret[], { put }: ContentAccess): Tree {
  const { mtime, mtimeNsec } = tree;
  const link = {
    ...{ mode: 0o777, uid: 0, gid: 0, mtime, mtimeNsec, xattrs: undefined },
    kind: 'symlink',
    target: fromText(`../${nameOf(UNIT)}`),
    nlink: 1,
  } as const;
  const script = { path: SCRIPT, bytes: Buffer.from(scriptOf(secrets)), mode: 0o755 };
  const unit = { path: UNIT, bytes: Buffer.from(unitOf(secrets)), mode: 0o644 };
  const result = withRootFile(withRootFile(tree, script, put), unit, put);
  return withNode(result, fromText(WANTED_BY), link);
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function scriptOf(secrets: readonly Secret[]): string {
  const lines = secrets.map(secret => `${testOf(secret)} || ( ${secret.command} ) || failed=1`);
  return `#!/bin/sh\n# Makes what no two machines may share and the image therefore lacks.\nfailed=0\n${lines.join('\n')}\nexit $failed\n`;
}

/** By this a later build also knows which secrets the script makes. */
function testOf({ proof }: Secret): string {
  return `[ -e ${proof} ]`;
}

/** After the file systems are there to be written to, before whatever needs the secrets. */
function unitOf(secrets: readonly Secret[]): string {
  const before = [...new Set(secrets.flatMap(secret => secret.before))].sort().join(' ');
  const conditions = secrets.map(({ proof }) => `ConditionPathExists=|!${proof}`).join('\n');
  return `[Unit]
Description=Make the secrets of this machine
DefaultDependencies=no
${conditions}
After=local-fs.target systemd-tmpfiles-setup.service systemd-random-seed.service
Before=sysinit.target ${before}

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=${SCRIPT}
`;
}
