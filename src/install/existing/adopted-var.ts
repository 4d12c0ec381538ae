import { ensureDirectory, writeFileDurable } from '../../fs/index.ts';
import type { Host } from '../../host/index.ts';
import { IMAGE_STATE } from '../../layer/index.ts';

/**
 * Names what of the old /var is not copied, for `tar --exclude-from`. The unit apt-layer-adopt.service copies the rest, with /root, /opt and
 * /usr/local, when the deployment boots for the first time: nothing writes to the old /var then. While this file is there, it is not done.
 */
export const ADOPT_FILE = '.apt-layer-adopt';

/** What describes the image, what is made again by itself, and the sysroot. */
const LEFT: readonly string[] = ['/var/lib/apt', '/var/cache/apt', '/var/tmp', '/var/run', '/var/lock'];

/** Asks for the old /var to be copied into a new one. Durable when it returns. */
export function requestAdoption(
  host: Host,
  options: { readonly var: string; readonly sysroot: string },
): void {
  ensureDirectory(host.sys, options.var);
  writeFileDurable(host.sys, `${options.var}/${ADOPT_FILE}`, adoptText(options.sysroot));
}

/** One path below /var per line. */
export function adoptText(sysroot: string): string {
  const state = IMAGE_STATE.map(one => one.from).filter(path => path.startsWith('/var/'));
  const lines = [...new Set([...state, ...LEFT, sysroot])].sort();
  return `${lines.map(path => `.${path.slice('/var'.length)}`).join('\n')}\n`;
}
