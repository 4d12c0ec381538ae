import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AptLayerError } from '../../errors/index.ts';
import type { Host } from '../../host/index.ts';

/** Lets the user change a text in their editor. FAILED when the editor ends badly, so that nothing is taken over by accident. */
export async function editText(host: Host, name: string, text: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'apt-layer-edit-'));
  const path = join(directory, name);
  try {
    await writeFile(path, text);
    // Debian's own way to find $VISUAL, $EDITOR, or what is installed.
    const code = await host.runner.interact({ tool: 'sensible-editor', args: [path] });
    if (code !== 0)
      throw new AptLayerError('FAILED', `the editor ended with exit code ${code}; nothing was changed`, {
        hint: 'set EDITOR to the editor you want',
      });
    return await readFile(path, 'utf8');
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
