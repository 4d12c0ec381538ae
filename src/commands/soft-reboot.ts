import { finalize, planSoftReboot, softReboot } from '../deployment/index.ts';
import type { CommandImplementation } from './definition.ts';
import { inTransaction } from './deployment-change.ts';

interface Result {
  readonly deployment: string;
  readonly dryRun: boolean;
}

export const command: CommandImplementation<Result> = {
  async run(app) {
    const planned = planSoftReboot(app);
    if (app.globals.dryRun) return { deployment: planned.id, dryRun: true };
    const next = await inTransaction(app, {
      verb: 'soft-reboot',
      async apply(transaction) {
        await finalize(transaction, { keep: false });
        return planSoftReboot(transaction);
      },
      summarize: ({ id }) => ({ deployment: id }),
    });
    // After the transaction, as this ends every process.
    await softReboot(app, next);
    return { deployment: next.id, dryRun: false };
  },
  render: ({ deployment, dryRun }) =>
    dryRun
      ? `User space would be restarted from ${deployment}, with the same kernel.\n`
      : `User space restarts from ${deployment}.\n`,
};
