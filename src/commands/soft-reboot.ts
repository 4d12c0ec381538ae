import { finalize, planSoftReboot, softReboot } from '../deployment/index.ts';
import type { CommandImplementation } from './definition.ts';
import { inTransaction } from './deployment-change.ts';

interface Result {
  readonly deployment: string;
  readonly dryRun: boolean;
}

export const command: CommandImplementation<Result> = {
  async run(app) {
    const { host, sysroot } = app;
    const next = planSoftReboot(host, sysroot);
    if (app.globals.dryRun) return { deployment: next.id, dryRun: true };
    await inTransaction(app, {
      verb: 'soft-reboot',
      apply: transaction => finalize(transaction, { keep: false }),
      summarize: () => ({ deployment: next.id }),
    });
    // After the transaction, as this ends every process.
    await softReboot(host, sysroot, next);
    return { deployment: next.id, dryRun: false };
  },
  render: ({ deployment, dryRun }) =>
    dryRun
      ? `User space would be restarted from ${deployment}, with the same kernel.\n`
      : `User space restarts from ${deployment}.\n`,
};
