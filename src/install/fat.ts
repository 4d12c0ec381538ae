import { toText } from '../formats/bytes/index.ts';
import { listDirectory } from '../fs/index.ts';
import type { Host } from '../host/index.ts';

/**
 * Copies what is in a directory to the top of an empty FAT file system. Not by mounting it: not every kernel that can
 * make an image has FAT.
 */
export async function copyToFat(host: Host, directory: string, device: string): Promise<void> {
  const names = listDirectory(host.sys, directory).map(toText);
  if (names.length === 0) return;
  await host.runner.run({
    tool: 'mcopy',
    args: ['-s', '-Q', '-i', device, ...names.map(name => `${directory}/${name}`), '::'],
    // It would doubt the geometry of a partition otherwise.
    env: { MTOOLS_SKIP_CHECK: '1' },
  });
}
