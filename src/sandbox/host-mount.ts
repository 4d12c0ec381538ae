import { AptLayerError } from '../errors/index.ts';
import { ensureDirectory, listDirectory, removeTree } from '../fs/index.ts';
import type { Host } from '../host/index.ts';
import { explainMountFailure } from './mount-failure.ts';
import { lowerDirectories, type MountableImage, OVERLAY_OPTIONS } from './overlay.ts';

export interface HostMount {
  readonly image: MountableImage;
  /** An existing empty directory; absolute. */
  readonly directory: string;
  /** Directories shown, read-only, in place of top-level directories of the image. */
  readonly over?: readonly { readonly name: string; readonly source: string }[];
}

/** Where the two layers below are mounted while the overlay is put together. */
const RUNTIME_DIRECTORY = '/run/apt-layer';

/** Mounts an image read-only for everyone to see. It stays until `umount`. */
export async function mountOnHost(host: Host, mount: HostMount): Promise<void> {
  const { image, directory } = mount;
  if (host.sys.lstatIfExists(directory) === undefined)
    throw new AptLayerError('NOT_FOUND', `${directory} does not exist`, { hint: `mkdir ${directory}` });
  if (listDirectory(host.sys, directory).length > 0)
    throw new AptLayerError('FAILED', `${directory} is not empty`, {
      hint: 'mount it on an empty directory',
    });
  const scratch = `${RUNTIME_DIRECTORY}/mount-${process.pid}-${host.random(4).toString('hex')}`;
  for (const name of ['lower', 'objects']) ensureDirectory(host.sys, `${scratch}/${name}`, 0o700);
  const command = (tool: string, ...args: string[]) =>
    host.runner.run({ tool, args, cwd: scratch }).catch((error: unknown) => {
      throw explainMountFailure(error);
    });
  try {
    await command('mount', '--bind', image.objectsPath, 'objects');
    await command('mount', '-t', 'erofs', '-o', 'ro', image.imagePath, 'lower');
    const lower = lowerDirectories(host.kernelRelease, 'lower', 'objects');
    await command('mount', '-t', 'overlay', '-o', `ro,${OVERLAY_OPTIONS},${lower}`, 'apt-layer', directory);
    for (const { name, source } of mount.over ?? [])
      await command('mount', '--bind', '-o', 'ro', source, `${directory}/${name}`);
  } finally {
    // The overlay keeps both layers alive; their own mount points are not needed any more.
    for (const name of ['lower', 'objects'])
      await host.runner.run({ tool: 'umount', args: ['-l', name], cwd: scratch }, { okCodes: [0, 1, 32] });
    removeTree(host.sys, scratch);
  }
}

/** Undoes `mountOnHost`. */
export async function unmountFromHost(host: Host, directory: string): Promise<void> {
  await host.runner.run({ tool: 'umount', args: ['-R', directory] });
}
