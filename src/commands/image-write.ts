import { AptLayerError } from '../errors/index.ts';
import { parseDump } from '../formats/dump/index.ts';
import { writeImage } from '../formats/erofs/index.ts';
import { type DigestAlgorithm, verityDigest } from '../formats/verity/index.ts';
import { readInput, STANDARD_STREAM, writeOutput } from '../fs/index.ts';
import { step } from '../report/index.ts';
import type { CommandImplementation } from './definition.ts';
import { MAX_DUMP_BYTES } from './image-limits.ts';

export interface ImageWriteResult {
  /** The file that was written; null when none was, and with `-`. */
  readonly path: string | null;
  readonly digest: string;
  readonly algorithm: DigestAlgorithm;
  readonly sizeBytes: number;
  readonly formatVersion: 0 | 1;
  readonly printDigest: boolean;
  /** What goes to standard output. */
  readonly bytes: Buffer | undefined;
}

const VERSIONS = { '0': 0, '1': 1, auto: 'auto' } as const;

export const command: CommandImplementation<ImageWriteResult> = {
  async run(app, args) {
    const { sys, report } = app.host;
    const printDigest = args.flag('print-digest');
    const output = args.optionalArgument('IMAGE');
    const source = args.option('from-dump');
    checkOutput(output, { printDigest, json: app.globals.json });
    if (source === undefined)
      throw new AptLayerError('USAGE', 'image write: nothing to write', { hint: 'give --from-dump FILE' });
    const algorithm = args.choice('digest', ['sha256', 'sha512']);
    const version = VERSIONS[args.choice('format-version', ['0', '1', 'auto'])];

    const written = await step(report, 'image', 'Writing image', () => {
      const { tree, realNames } = parseDump(readInput(sys, source, MAX_DUMP_BYTES));
      return writeImage(tree, { version, algorithm, realNames });
    });
    const { image } = written;
    app.host.signal.throwIfAborted();
    const path = output === STANDARD_STREAM || output === undefined || app.globals.dryRun ? null : output;
    if (path !== null) writeOutput(sys, path, image);
    return {
      path,
      digest: verityDigest(image, algorithm),
      algorithm,
      sizeBytes: image.length,
      formatVersion: written.version,
      printDigest,
      bytes: output === STANDARD_STREAM && !app.globals.dryRun ? image : undefined,
    };
  },

  render: result => result.bytes ?? (result.printDigest ? result.digest : ''),
  toJson: ({ bytes: _, printDigest: __, ...result }) => result,
};

/** Standard output holds one thing: the image, the digest or JSON. */
function checkOutput(output: string | undefined, asked: { printDigest: boolean; json: boolean }): void {
  if (output === undefined && !asked.printDigest && !asked.json)
    throw new AptLayerError('USAGE', 'image write: IMAGE is missing', {
      hint: 'name the file to write, or ask for the digest alone with --print-digest',
    });
  if (output === STANDARD_STREAM && (asked.printDigest || asked.json))
    throw new AptLayerError(
      'USAGE',
      `image write: the image and ${asked.json ? 'JSON' : 'the digest'} cannot both go to standard output`,
      { hint: 'name a file for the image, or leave it out' },
    );
}
