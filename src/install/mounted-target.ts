import { listDeployments } from '../deployment/index.ts';
import { AptLayerError } from '../errors/index.ts';
import { toText } from '../formats/bytes/index.ts';
import { isDirectory, listDirectory } from '../fs/index.ts';
import type { Host } from '../host/index.ts';
import { listTransactions, type Sysroot, statePaths } from '../transaction/index.ts';

/** What findmnt(8) says of one mounted file system. */
export interface MountedFileSystem {
  readonly directory: string;
  readonly type: string;
  readonly uuid: string | undefined;
  readonly partuuid: string | undefined;
  /** What of it is seen there: `/`, or a subvolume. */
  readonly root: string;
}

/** A root file system that the user made and mounted, with what is mounted below it. */
export interface MountedTarget extends MountedFileSystem {
  readonly uuid: string;
  /** On `boot` in it. */
  readonly boot: MountedFileSystem | undefined;
  /** On `boot/efi` or `efi` in it. */
  readonly efi: MountedFileSystem | undefined;
}

/** What may be in a file system that counts as empty; directories of these names must be empty or mount points. */
const EXPECTED = ['lost+found', 'boot', 'efi'];

/** Looks at a directory to install to. Refuses one that is no file system of its own, or has anything in it. */
export async function inspectMounted(host: Host, path: string): Promise<MountedTarget> {
  const root = await mountedOn(host, path);
  if (root === undefined)
    throw new AptLayerError('USAGE', `${path} is not where a file system is mounted`, {
      hint: 'make a file system and mount it there, or use `install to-disk`',
    });
  const { uuid } = root;
  if (uuid === undefined)
    throw new AptLayerError('FAILED', `the file system on ${path} has no UUID to boot by`, {
      hint: 'use a file system on a disk: ext4, btrfs or xfs',
    });
  const boot = await mountedOn(host, `${path}/boot`);
  const efi = (await mountedOn(host, `${path}/boot/efi`)) ?? (await mountedOn(host, `${path}/efi`));
  const inBoot = boot === undefined ? listDirectory(host.sys, `${path}/boot`).map(toText) : [];
  const found = [
    ...listDirectory(host.sys, path)
      .map(toText)
      .filter(name => !(EXPECTED.includes(name) && isDirectory(host.sys, `${path}/${name}`))),
    ...inBoot.filter(name => name !== 'efi').map(name => `boot/${name}`),
  ];
  if (found.length > 0) throw notEmpty(host, path, found);
  return { ...root, uuid, boot, efi };
}

function notEmpty(host: Host, path: string, names: readonly string[]): AptLayerError {
  const unfinished = unfinishedInstall({ host, sysroot: path });
  const [name = ''] = names;
  if (unfinished !== undefined)
    return new AptLayerError(
      'FAILED',
      `${path} has what an install left that did not end (begun ${unfinished}): ${names.join(', ')}`,
      {
        hint: `nothing in it can be used: make the file system anew, or remove that (${names.map(one => `${path}/${one}`).join(' ')}), and install again`,
        details: { left: names },
      },
    );
  return new AptLayerError('FAILED', `${path} is not empty: it has ${JSON.stringify(name)}`, {
    hint:
      name === 'state' || name === 'composefs'
        ? `it has a sysroot already: use it with \`apt-layer --sysroot ${path}\``
        : 'install to a new file system',
  });
}

/** When the install began that made the sysroot, where it was killed or failed before its end; undefined for a sysroot that can be used. */
function unfinishedInstall(at: Sysroot): string | undefined {
  try {
    const all = listTransactions(at);
    const first = all.at(-1);
    // Killed before it wrote down what it was about to do, or while it did.
    const hasOnlyInstalls = all.every(one => one.verb.startsWith('install ') && one.result !== 'done');
    if (!hasOnlyInstalls || !isDirectory(at.host.sys, statePaths(at.sysroot).state)) return undefined;
    if (first === undefined && listDeployments(at).length > 0) return undefined;
    return first?.startedMs === undefined ? 'at a time unknown' : new Date(first.startedMs).toISOString();
  } catch (error) {
    // Then all that can be said is that something is there.
    if (!(error instanceof AptLayerError)) throw error;
    return undefined;
  }
}

/** The file system that is mounted on a directory, if one is. */
export async function mountedOn(host: Host, directory: string): Promise<MountedFileSystem | undefined> {
  const { exitCode, stdout } = await host.runner.run(
    {
      tool: 'findmnt',
      args: ['--json', '--output', 'FSTYPE,UUID,PARTUUID,FSROOT', '--mountpoint', directory],
    },
    { okCodes: [0, 1] },
  );
  return exitCode === 0 ? parseFindmnt(directory, stdout.toString('utf8')) : undefined;
}

/** Reads the output of `findmnt --json`; of file systems mounted one over the other the last is what is seen. */
export function parseFindmnt(directory: string, text: string): MountedFileSystem | undefined {
  const { filesystems } = JSON.parse(text) as { filesystems?: readonly Record<string, unknown>[] };
  const last = filesystems?.at(-1);
  if (last === undefined) return undefined;
  const value = (key: string) => (typeof last[key] === 'string' ? last[key] : undefined);
  return {
    ...{ directory, type: value('fstype') ?? '', uuid: value('uuid'), partuuid: value('partuuid') },
    root: value('fsroot') ?? '/',
  };
}
