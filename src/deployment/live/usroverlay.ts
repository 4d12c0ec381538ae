import { AptLayerError } from '../../errors/index.ts';
import type { Sysroot } from '../../transaction/index.ts';
import { mountableImage } from '../mountable.ts';
import { noteLiveState, readLiveState } from './live-state.ts';
import { bootedDeployment, replaceUsr } from './running.ts';

/**
 * Makes /usr of the running system writable until the next boot, to try things out. Nothing of it reaches a deployment. Resolves to the
 * deployment whose /usr it is. UNCHANGED is not an error here: a /usr that is writable already stays as it is.
 */
export async function unlockUsr(at: Sysroot): Promise<string> {
  const { host } = at;
  const booted = bootedDeployment(at);
  const live = readLiveState(host);
  if (live.unlocked)
    throw new AptLayerError('FAILED', '/usr is writable already', { hint: 'it is until the next boot' });
  if (live.replaced !== undefined)
    throw new AptLayerError('FAILED', `/usr is that of ${live.replaced} since \`apply-live\``, {
      hint: 'restart into it first',
    });
  await replaceUsr(host, { image: mountableImage(at, booted.image), writable: true });
  noteLiveState(host, { unlocked: true });
  return booted.id;
}
