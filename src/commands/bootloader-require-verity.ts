import { requireVerity } from '../deployment/index.ts';
import type { CommandImplementation } from './definition.ts';
import { inTransaction } from './deployment-change.ts';

interface Result {
  readonly objects: number;
  readonly required: boolean;
}

export const command: CommandImplementation<Result> = {
  run: app =>
    inTransaction<Result>(app, {
      verb: 'bootloader require-verity',
      apply: requireVerity,
      summarize: ({ objects, required }) => ({ objects, required }),
    }),
  render({ objects, required }) {
    const after = required
      ? 'The boot entries require it from the next boot on.'
      : 'No boot loader boots this sysroot.';
    return `fs-verity is on for all objects (${objects} were without). ${after}\n`;
  },
};
