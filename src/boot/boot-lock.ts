import { AptLayerError } from '../errors/index.ts';
import { ensureDirectory, withDirectoryLock } from '../fs/index.ts';
import type { Host } from '../host/index.ts';

/** Another sysroot copies a kernel or two to a slow disk meanwhile, at most. */
const LOCK_WAIT_MS = 120_000;

/** Runs `action` while no other apt-layer changes the boot directory that is at `path`, by whichever path it sees it. */
export async function withBootLock<T>(host: Host, path: string, action: () => T): Promise<T> {
  ensureDirectory(host.sys, path);
  const started = performance.now();
  let waited = false;
  const options = {
    undone: 'the boot entries are as they were',
    onWait() {
      waited = true;
      const text = 'Waiting for another sysroot that changes the boot directory';
      host.report.emit({ type: 'start', task: 'boot-lock', text });
    },
    limitMs: LOCK_WAIT_MS,
    late: () =>
      new AptLayerError('LOCKED', `another program has had the lock of the boot directory for two minutes`, {
        hint: `run it again later; \`lsof +D\` or \`fuser -v\` on the boot directory says who has it open`,
      }),
  };
  return await withDirectoryLock(host, path, options, () => {
    if (waited) host.report.emit({ type: 'end', task: 'boot-lock', durationMs: performance.now() - started });
    return action();
  });
}
