import { AptLayerError } from '../errors/index.ts';
import { ensureDirectory, isDirectory, listDirectory, removeTree } from '../fs/index.ts';
import type { Host } from '../host/index.ts';
import { explainMountFailure, notDirectory } from './mount-failure.ts';
import { lowerDirectories, type MountableImage, OVERLAY_OPTIONS } from './overlay.ts';

export interface HostMount {
  readonly image: MountableImage;
  /** An existing empty directory; absolute. */
  readonly directory: string;
  /** Directories shown in place of top-level directories of the image, read-only unless said otherwise. */
  readonly over?: readonly {
    readonly name: string;
    readonly source: string;
    readonly writable?: boolean;
  }[];
  /** Makes the image's own files writable: changes go below this directory, which must be on one file system. Default read-only. */
  readonly changesIn?: string;
  /** It becomes the running system. Else set-uid programs of it give no rights, and its device nodes cannot be opened. */
  readonly isSystem?: boolean;
}

/** Runs a program where what it mounts is seen by everyone. */
export function runOnHost(host: Host, command: { tool: string; args: readonly string[]; cwd?: string }) {
  if (!host.privateMounts) return host.runner.run(command);
  const { tool, args, cwd } = command;
  return host.runner.run({
    tool: 'nsenter',
    args: ['--mount=/proc/1/ns/mnt', `--wdns=${cwd ?? '/'}`, '--', tool, ...args],
  });
}

/** Mounts an image for everyone to see. It stays until `umount`. */
export async function mountOnHost(host: Host, mount: HostMount): Promise<void> {
  const { image, directory } = mount;
  if (host.sys.lstatIfExists(directory) === undefined)
    throw new AptLayerError('NOT_FOUND', `${directory} does not exist`, { hint: `mkdir ${directory}` });
  if (listDirectory(host.sys, directory).length > 0)
    throw new AptLayerError('FAILED', `${directory} is not empty`, {
      hint: 'mount it on an empty directory',
    });
  const scratch = `${host.runDirectory}/mount-${process.pid}-${host.random(4).toString('hex')}`;
  for (const name of ['lower', 'objects']) ensureDirectory(host.sys, `${scratch}/${name}`, 0o700);
  const command = (tool: string, ...args: string[]) =>
    runOnHost(host, { tool, args, cwd: scratch }).catch((error: unknown) => {
      throw explainMountFailure(error);
    });
  try {
    await command('mount', '--bind', image.objectsPath, 'objects');
    await command('mount', '-t', 'erofs', '-o', 'ro', image.imagePath, 'lower');
    const lower = lowerDirectories(host.kernelRelease, 'lower', 'objects');
    const flags = mount.isSystem === true ? '' : ',nosuid,nodev';
    const options = `${writableOptions(host, mount)}${flags},${OVERLAY_OPTIONS},${lower}`;
    await command('mount', '-t', 'overlay', '-o', options, 'apt-layer', directory);
    try {
      for (const { name, source, writable } of mount.over ?? []) {
        const place = `${directory}/${name}`;
        if (!isDirectory(host.sys, `${host.privateMounts ? '/proc/1/root' : ''}${place}`))
          throw notDirectory(`/${name} of the image is not a directory`);
        await command('mount', '--bind', '-o', `${writable === true ? 'rw' : 'ro'}${flags}`, source, place);
      }
    } catch (error) {
      await unmountFromHost(host, directory).catch(ignoreUnmounted);
      throw error;
    }
  } finally {
    // The overlay keeps both layers alive; their own mount points are not needed any more.
    for (const name of ['lower', 'objects'])
      await runOnHost(host, { tool: 'umount', args: ['-lq', name], cwd: scratch }).catch(ignoreUnmounted);
    removeTree(host.sys, scratch);
  }
}

/** It was not mounted, since the mount before it failed: that error is the one to report. */
function ignoreUnmounted(error: unknown): void {
  if (!(error instanceof AptLayerError)) throw error;
}

function writableOptions(host: Host, { changesIn }: HostMount): string {
  if (changesIn === undefined) return 'ro';
  for (const name of ['upper', 'work']) ensureDirectory(host.sys, `${changesIn}/${name}`, 0o755);
  return `rw,upperdir=${changesIn}/upper,workdir=${changesIn}/work`;
}

/** Undoes `mountOnHost`. */
export async function unmountFromHost(host: Host, directory: string): Promise<void> {
  await runOnHost(host, { tool: 'umount', args: ['-R', directory] });
}
