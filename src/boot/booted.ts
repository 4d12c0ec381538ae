import { AptLayerError } from '../errors/index.ts';
import { readFileIfExists } from '../fs/index.ts';
import { parseStateFile, STATE_FILE_MAX_BYTES, type Sysroot } from '../transaction/index.ts';

/** What runs now, as the initramfs noted it in `/run/apt-layer/booted`. */
export interface Booted {
  readonly deployment: string;
  /** Digest of its image. */
  readonly image: string;
  /** fs-verity protects it. */
  readonly verity: boolean;
}

/** Where the sysroot of a booted system is. */
const BOOTED_SYSROOT = '/sysroot';

/** The deployment of this sysroot that runs now; undefined when this machine was not booted from it. Needs no root. */
export function readBooted({ host, sysroot }: Sysroot): Booted | undefined {
  const path = `${host.runDirectory}/booted`;
  const data = readFileIfExists(host.sys, path, STATE_FILE_MAX_BYTES);
  if (data === undefined) return undefined;
  const file = parseStateFile(path, data);
  const { deployment, image } = file;
  if (file['version'] !== 1 || typeof deployment !== 'string' || typeof image !== 'string')
    throw new AptLayerError('CONFIG_INVALID', `${path} does not say what was booted`, {
      hint: 'the initramfs writes it; make a new one with the installed version of apt-layer',
    });
  return sysroot === (file['sysroot'] ?? BOOTED_SYSROOT)
    ? { deployment, image, verity: file['verity'] === true }
    : undefined;
}
