import { readBooted } from '../../boot/index.ts';
import { AptLayerError } from '../../errors/index.ts';
import { ensureDirectory } from '../../fs/index.ts';
import type { Host } from '../../host/index.ts';
import { type MountableImage, mountOnHost, runOnHost } from '../../sandbox/index.ts';
import type { Sysroot } from '../../transaction/index.ts';
import { listDeployments } from '../list.ts';
import type { Deployment } from '../model.ts';

/** The deployment that runs. HOST_UNSUPPORTED where this machine was not booted from the sysroot. */
export function bootedDeployment(at: Sysroot): Deployment {
  const id = readBooted(at)?.deployment;
  const found = listDeployments(at).find(one => one.id === id);
  if (found === undefined)
    throw new AptLayerError('HOST_UNSUPPORTED', 'this machine was not booted from a deployment', {
      hint: 'it works on a system that `apt-layer install` put on the disk',
    });
  return found;
}

/**
 * Puts the /usr of an image in the place of the running one, for everyone, until the next boot. Programs that run keep what they have
 * open. With `writable`, changes of it are kept in memory.
 */
export async function replaceUsr(
  host: Host,
  options: { readonly image: MountableImage; readonly writable: boolean },
): Promise<void> {
  const place = `${host.runDirectory}/usr-${host.random(4).toString('hex')}`;
  ensureDirectory(host.sys, place, 0o755);
  await runOnHost(host, {
    tool: 'mount',
    args: ['-t', 'tmpfs', '-o', 'mode=755,size=50%', 'apt-layer', place],
  });
  await runOnHost(host, { tool: 'mkdir', args: [`${place}/root`, `${place}/upper`, `${place}/work`] });
  const directory = `${place}/root`;
  await mountOnHost(host, {
    image: options.image,
    directory,
    isSystem: true,
    ...(options.writable ? { changesIn: place } : {}),
  });
  await runOnHost(host, { tool: 'mount', args: ['--bind', `${directory}/usr`, '/usr'] });
}
