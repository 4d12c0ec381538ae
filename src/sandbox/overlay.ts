import { AptLayerError } from '../errors/index.ts';

/** An image that can be mounted: its EROFS file and the object store its files are in. */
export interface MountableImage {
  readonly imagePath: string;
  readonly objectsPath: string;
}

/** Major and minor number of a kernel release such as `6.12.48+deb13-amd64`. */
export function kernelVersion(release: string): { readonly major: number; readonly minor: number } {
  const match = /^(\d+)\.(\d+)/.exec(release);
  if (match === null)
    throw new AptLayerError(
      'HOST_UNSUPPORTED',
      `the kernel release ${JSON.stringify(release)} is not understood`,
    );
  return { major: Number(match[1]), minor: Number(match[2]) };
}

/**
 * The overlayfs `lowerdir=` for an image mounted at `metadata` with its objects at `objects`. Data-only layers
 * (`::`) exist from Linux 6.5; before that the objects are an ordinary lowest layer, whose directories the 256
 * whiteouts in every image hide. Neither path may hold `:` or `,`: callers use short relative paths.
 */
export function lowerDirectories(kernelRelease: string, metadata: string, objects: string): string {
  const { major, minor } = kernelVersion(kernelRelease);
  const dataOnly = major > 6 || (major === 6 && minor >= 5);
  return `lowerdir=${metadata}${dataOnly ? '::' : ':'}${objects}`;
}

/** Options every overlay of ours is mounted with; the image's format relies on both. */
export const OVERLAY_OPTIONS = 'metacopy=on,redirect_dir=on';
