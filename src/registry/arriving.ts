import { AptLayerError } from '../errors/index.ts';
import { toText } from '../formats/bytes/index.ts';
import { listDirectory } from '../fs/index.ts';
import type { Host } from '../host/index.ts';

/** Says each time whether something came since the last; throws when that was too long ago. */
export function stallWatch(host: Host, stage: string, stallMs: number): (where: string) => void {
  let since = performance.now();
  let seen = '';
  return where => {
    const now = performance.now();
    const state = `${arriving(host, stage)} ${listDirectory(host.sys, `${stage}/blobs/sha256`).length}`;
    if (state !== seen) {
      seen = state;
      since = now;
    } else if (now - since >= stallMs) {
      const seconds = Math.round(stallMs / 1000);
      throw new AptLayerError('NETWORK', `${where}: the registry has sent nothing for ${seconds} s`, {
        hint: 'run it again: layers that are complete are not fetched again',
      });
    }
  };
}

/** Bytes of blobs that are not whole yet: skopeo has them beside the manifest that it makes. */
export function arriving({ sys }: Host, stage: string): number {
  const directory = `${stage}/copy`;
  if (sys.lstatIfExists(directory) === undefined) return 0;
  const files = listDirectory(sys, directory).map(name => sys.lstatIfExists(`${directory}/${toText(name)}`));
  return files.reduce((sum, stat) => sum + (stat?.size ?? 0), 0);
}
