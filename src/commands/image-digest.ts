import { setImmediate } from 'node:timers/promises';
import { type DigestAlgorithm, verityHasher } from '../formats/verity/index.ts';
import { readChunks } from '../fs/index.ts';
import type { CommandImplementation } from './definition.ts';

export interface ImageDigestResult {
  readonly digest: string;
  readonly algorithm: DigestAlgorithm;
  readonly sizeBytes: number;
}

const PAUSE_BYTES = 64 * 1024 * 1024;

export const command: CommandImplementation<ImageDigestResult> = {
  async run(app, args) {
    const algorithm = args.choice('digest', ['sha256', 'sha512']);
    const hasher = verityHasher(algorithm);
    let sizeBytes = 0;
    for (const chunk of readChunks(app.host.sys, args.argument('FILE'))) {
      sizeBytes += chunk.length;
      hasher.update(chunk);
      // Reading is synchronous: without a pause now and then a signal would never be seen.
      if (sizeBytes % PAUSE_BYTES < chunk.length) await setImmediate();
      app.host.signal.throwIfAborted();
    }
    return { digest: hasher.digest(), algorithm, sizeBytes };
  },

  render: result => result.digest,
};
