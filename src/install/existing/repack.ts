import { dirname } from 'node:path';
import { AptLayerError } from '../../errors/index.ts';
import { toText } from '../../formats/bytes/index.ts';
import { ensureDirectory, listDirectory, removeTree } from '../../fs/index.ts';
import type { Host } from '../../host/index.ts';
import { step } from '../../report/index.ts';

/** Makes .debs again of what is installed, with dpkg-repack(1). `wanted`: the file of each package. */
export async function repackPackages(host: Host, wanted: ReadonlyMap<string, string>): Promise<void> {
  for (const [name, path] of wanted)
    await step(host.report, 'repack', `Packing what is installed of ${name}`, () => repack(host, name, path));
}

async function repack(host: Host, name: string, path: string): Promise<void> {
  const directory = `${dirname(path)}/.tmp-${name}`;
  removeTree(host.sys, directory);
  ensureDirectory(host.sys, directory, 0o700);
  try {
    await host.runner.run({ tool: 'dpkg-repack', args: ['--', name], cwd: directory });
    const made = listDirectory(host.sys, directory)
      .map(toText)
      .find(file => file.endsWith('.deb'));
    if (made === undefined)
      throw new AptLayerError('FAILED', `dpkg-repack made no package of ${name}`, {
        hint: `leave it out with --without ${name}`,
      });
    host.sys.rename(`${directory}/${made}`, path);
  } finally {
    removeTree(host.sys, directory);
  }
}
