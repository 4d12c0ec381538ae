import { ensureDirectory, removeTree } from '../fs/index.ts';
import type { Host } from '../host/index.ts';

/** Runs `action` with an empty directory below `parent` for an image while it is fetched; it goes afterwards. */
export async function withStage<T>(
  host: Host,
  parent: string,
  action: (stage: string) => Promise<T>,
): Promise<T> {
  const stage = `${parent}/image-${process.pid}-${host.random(4).toString('hex')}`;
  ensureDirectory(host.sys, stage, 0o700);
  try {
    return await action(stage);
  } finally {
    removeTree(host.sys, stage);
  }
}
