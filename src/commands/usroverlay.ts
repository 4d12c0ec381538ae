import { unlockUsr } from '../deployment/index.ts';
import type { CommandImplementation } from './definition.ts';

interface Result {
  readonly deployment: string;
}

export const command: CommandImplementation<Result> = {
  run: async app => ({ deployment: await unlockUsr(app) }),
  render: ({ deployment }) =>
    `/usr of ${deployment} can be written to until the next boot. Nothing of it is kept.\n`,
};
