import { logOut } from '../registry/index.ts';
import type { CommandImplementation } from './definition.ts';

interface Result {
  readonly registry: string;
  readonly file: string;
}

export const command: CommandImplementation<Result> = {
  async run({ host }, args) {
    const registry = args.argument('REGISTRY');
    return { registry, file: await logOut(host, registry) };
  },
  render: ({ registry, file }) =>
    `Logged out of ${registry}: ${file} has no name and password for it any more\n`,
};
