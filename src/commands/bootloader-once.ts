import { bootOnce } from '../deployment/index.ts';
import type { CommandImplementation } from './definition.ts';
import { inTransaction } from './deployment-change.ts';

interface Result {
  readonly deployment: string;
}

export const command: CommandImplementation<Result> = {
  run(app, args) {
    const wanted = args.argument('DEPLOYMENT');
    return inTransaction<Result>(app, {
      verb: 'bootloader once',
      apply: async transaction => ({ deployment: await bootOnce(transaction, wanted) }),
      summarize: ({ deployment }) => ({ deployment }),
    });
  },
  render: ({ deployment }) =>
    `The next boot takes ${deployment}, and the one after that the default again.\n`,
};
