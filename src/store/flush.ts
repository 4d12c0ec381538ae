import type { Store } from './store.ts';

/**
 * Starts writing out the file system of the store beside what the program does next, so that the sync of `setRef`,
 * which alone makes anything durable, finds little left to do. To be awaited before `setRef`.
 */
export async function beginFlush(store: Store): Promise<void> {
  await store.host.runner.run({ tool: 'sync', args: ['--file-system', store.root] });
}
