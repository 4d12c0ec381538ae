import { resolve } from 'node:path';
import { unmountFromHost } from '../sandbox/index.ts';
import type { CommandImplementation } from './definition.ts';

export const command: CommandImplementation<{ readonly directory: string }> = {
  async run(app, args) {
    const directory = resolve(args.argument('DIRECTORY'));
    await unmountFromHost(app.host, directory);
    return { directory };
  },
  render: () => '',
};
