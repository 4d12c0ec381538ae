import { readBootloader } from '../../boot/index.ts';
import { AptLayerError } from '../../errors/index.ts';
import { ensureDirectory, writeFileDurable } from '../../fs/index.ts';
import { mountOnHost, runOnHost } from '../../sandbox/index.ts';
import { openStore, readImage } from '../../store/index.ts';
import { type Sysroot, statePaths } from '../../transaction/index.ts';
import { kernelOf } from '../kernel.ts';
import { listDeployments } from '../list.ts';
import type { Deployment } from '../model.ts';
import { mountableImage } from '../mountable.ts';
import { etcPath, storePath } from '../paths.ts';
import { noteLiveState } from './live-state.ts';
import { bootedDeployment } from './running.ts';

/** Where systemd takes the root of the next user space from (systemd-soft-reboot.service(8)). */
const NEXT_ROOT = '/run/nextroot';

/** The deployment that a soft reboot would start. Refuses one that needs another kernel or other kernel arguments. */
export function planSoftReboot(at: Sysroot): Deployment {
  const { host, sysroot } = at;
  const booted = bootedDeployment(at);
  const next = listDeployments(at)[0];
  if (next === undefined || next.id === booted.id)
    throw new AptLayerError('NOT_FOUND', 'the next boot takes what runs now', {
      hint: 'change something first, with `apt-layer layer` or `upgrade`',
    });
  const store = openStore(host, storePath(sysroot));
  const kernel = (one: Deployment) => kernelOf(store, readImage(store, one.image));
  const [before, after] = [kernel(booted), kernel(next)];
  if (before?.kernel.digest !== after?.kernel.digest)
    throw new AptLayerError(
      'FAILED',
      `${next.id} has the kernel ${after?.version ?? 'of nobody'}, and ${before?.version ?? 'none'} runs`,
      { hint: 'restart the machine: systemctl reboot' },
    );
  if (booted.kernelArguments.join(' ') !== next.kernelArguments.join(' '))
    throw new AptLayerError('FAILED', `${next.id} has other kernel arguments than what runs`, {
      hint: 'restart the machine: systemctl reboot',
    });
  return next;
}

/**
 * Ends all services and starts those of the deployment, which must be finalized, without restarting the kernel. Everything is mounted
 * before systemd is told; an error up to then changes nothing.
 */
export async function softReboot(at: Sysroot, next: Deployment): Promise<void> {
  const { host, sysroot } = at;
  const { names } = statePaths(sysroot);
  ensureDirectory(host.sys, NEXT_ROOT, 0o755);
  await mountOnHost(host, {
    image: mountableImage(at, next.image),
    directory: NEXT_ROOT,
    isSystem: true,
    over: [
      { name: 'etc', source: etcPath(sysroot, next.id), writable: true },
      { name: 'var', source: `${names}/${next.name}/var`, writable: true },
      { name: 'sysroot', source: sysroot },
    ],
  });
  const verity = readBootloader(at)?.verity === true;
  const booted = { version: 1, deployment: next.id, image: next.image, verity };
  writeFileDurable(host.sys, `${host.runDirectory}/booted`, `${JSON.stringify(booted)}\n`);
  // What was put over the /usr before stays behind with it.
  noteLiveState(host, { replaced: undefined, unlocked: false });
  await runOnHost(host, { tool: 'systemctl', args: ['--no-block', 'soft-reboot'] });
}
