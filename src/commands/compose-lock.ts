import { type Lock, specFileText, writeLock } from '../compose/index.ts';
import { changeOptions } from './change-result.ts';
import type { CommandImplementation } from './definition.ts';
import { formatCount } from './text/index.ts';

interface Result {
  readonly file: string;
  readonly written: boolean;
  readonly lock: Lock;
}

export const command: CommandImplementation<Result> = {
  async run(app, args) {
    const specFile = args.argument('FILE');
    const file = args.option('output') ?? `${specFile}.lock.json`;
    // Without its old lock, which may not even be readable: a new one takes what the archive has now.
    const source = { text: specFileText(app.host, specFile), file: specFile };
    const options = { ...changeOptions(app, args, 'compose lock'), deploy: false };
    const lock = await writeLock(app, { ...source, ...options, output: file });
    return { file, written: !app.globals.dryRun, lock };
  },
  render: ({ file, written, lock }) =>
    `${file}: ${formatCount(lock.packages.length, 'package')}${written ? '' : ' (not written: --dry-run)'}\n`,
};
