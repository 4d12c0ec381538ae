import { readInput, STANDARD_STREAM } from '../fs/index.ts';
import { logIn } from '../registry/index.ts';
import type { CommandImplementation } from './definition.ts';

interface Result {
  readonly registry: string;
  /** Where name and password are kept. */
  readonly file: string;
}

const PASSWORD_MAX_BYTES = 64 * 1024;

export const command: CommandImplementation<Result> = {
  async run({ host }, args) {
    const registry = args.argument('REGISTRY');
    const password = args.flag('password-stdin')
      ? readInput(host.sys, STANDARD_STREAM, PASSWORD_MAX_BYTES).toString('utf8')
      : undefined;
    const file = await logIn(host, { registry, user: args.option('username'), password });
    return { registry, file };
  },
  render: ({ registry, file }) => `Logged in to ${registry}: name and password are in ${file}\n`,
};
