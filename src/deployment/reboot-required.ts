import { dirname } from 'node:path';
import { writeFileDurable } from '../fs/index.ts';
import type { Host } from '../host/index.ts';

/**
 * Says in the way of Debian (update-notifier, needrestart, unattended-upgrades) that a restart brings something new, and for which
 * deployment; gone with the restart, as it is below /run.
 */
export function noteRebootRequired(host: Host, deployment: string): void {
  const path = rebootRequired(host);
  writeFileDurable(host.sys, path, '*** System restart required ***\n');
  writeFileDurable(host.sys, `${path}.pkgs`, `${deployment}\n`);
}

/** Takes it back: the next boot takes what runs. */
export function clearRebootRequired(host: Host): void {
  const path = rebootRequired(host);
  for (const one of [path, `${path}.pkgs`])
    if (host.sys.lstatIfExists(one) !== undefined) host.sys.unlink(one);
}

function rebootRequired(host: Host): string {
  return `${dirname(host.runDirectory)}/reboot-required`;
}
