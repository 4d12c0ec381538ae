import { type DigestAlgorithm, verityHasher } from '../formats/verity/index.ts';
import { readChunks } from '../fs/index.ts';
import type { CommandImplementation } from './definition.ts';

export interface ImageDigestResult {
  readonly digest: string;
  readonly algorithm: DigestAlgorithm;
  readonly sizeBytes: number;
}

export const command: CommandImplementation<ImageDigestResult> = {
  async run(app, args) {
    const algorithm = args.choice('digest', ['sha256', 'sha512']);
    const hasher = verityHasher(algorithm);
    let sizeBytes = 0;
    readChunks(app.host.sys, args.argument('FILE'), chunk => {
      app.host.signal.throwIfAborted();
      sizeBytes += chunk.length;
      hasher.update(chunk);
    });
    return { digest: hasher.digest(), algorithm, sizeBytes };
  },

  render: result => result.digest,
};
