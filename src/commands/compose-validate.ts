import { readSpecFile } from '../compose/index.ts';
import type { CommandImplementation } from './definition.ts';

interface Result {
  readonly file: string;
  readonly valid: true;
}

export const command: CommandImplementation<Result> = {
  async run(app, args) {
    const file = args.argument('FILE');
    readSpecFile(app.host, file);
    return { file, valid: true };
  },
  render: result => `${result.file}: valid\n`,
};
