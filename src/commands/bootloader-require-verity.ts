import { protectObjects, requireVerity } from '../deployment/index.ts';
import type { CommandImplementation } from './definition.ts';
import { inTransaction } from './deployment-change.ts';

interface Result {
  readonly objects: number;
  readonly required: boolean;
}

export const command: CommandImplementation<Result> = {
  async run(app) {
    // Reading all objects takes a while, in which the machine can be changed.
    const before = await protectObjects(app);
    return inTransaction<Result>(app, {
      verb: 'bootloader require-verity',
      apply: async transaction => {
        const { objects, required } = await requireVerity(transaction);
        return { objects: before + objects, required };
      },
      summarize: ({ objects, required }) => ({ objects, required }),
    });
  },
  render({ objects, required }) {
    const after = required
      ? 'The boot entries require it from the next boot on.'
      : 'No boot loader boots this sysroot.';
    return `fs-verity is on for all objects (${objects} were without). ${after}\n`;
  },
};
