import { ensureDirectory, writeFileDurable } from '../../fs/index.ts';
import type { Host } from '../../host/index.ts';
import { IMAGE_STATE } from '../../layer/index.ts';
import type { NamedFileSystem } from './file-systems.ts';

/**
 * Names what of the old /var is not copied, for `tar --exclude-from`. The unit apt-layer-adopt.service copies the rest, with /root, /opt and
 * /usr/local, when the deployment boots for the first time: nothing writes to the old /var then. While this file is there, it is not done.
 */
export const ADOPT_FILE = '.apt-layer-adopt';

/** Where the old /var is, when it is on a file system of its own: what mount(8) wants, as SOURCE TYPE OPTIONS. */
const SOURCE_FILE = '.apt-layer-adopt-from';

/** What describes the image, what is made again by itself, and what only its file system had. */
const LEFT: readonly string[] = [
  ...['/var/lib/apt', '/var/cache/apt', '/var/tmp', '/var/run', '/var/lock', '/var/lost+found'],
];

interface Adoption {
  /** The new /var. */
  readonly var: string;
  readonly sysroot: string;
  /** Where the old one is, unless that is the root file system. */
  readonly oldVar: NamedFileSystem | undefined;
}

/** Asks for the old /var to be copied into a new one. Durable when it returns. */
export function requestAdoption(host: Host, options: Adoption): void {
  ensureDirectory(host.sys, options.var);
  if (options.oldVar !== undefined)
    writeFileDurable(host.sys, `${options.var}/${SOURCE_FILE}`, adoptSource(options.oldVar));
  writeFileDurable(host.sys, `${options.var}/${ADOPT_FILE}`, adoptText(options.sysroot));
}

/** One line. */
export function adoptSource({ uuid, type, root }: NamedFileSystem): string {
  const subvolume = root === '/' ? '' : `,subvol=${root}`;
  return `UUID=${uuid} ${type} ro${subvolume}\n`;
}

/** One path below /var per line. */
export function adoptText(sysroot: string): string {
  const state = IMAGE_STATE.map(one => one.from);
  const paths = [...state, ...LEFT, sysroot].filter(path => path.startsWith('/var/'));
  const lines = [...new Set(paths)].sort();
  return `${lines.map(path => `.${path.slice('/var'.length)}`).join('\n')}\n`;
}
