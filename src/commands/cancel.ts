import { cancelTransaction, type Holder, type PastTransaction, readHolder } from '../transaction/index.ts';
import type { CommandImplementation } from './definition.ts';

interface Result {
  readonly dryRun: boolean;
  /** What was running; null when nothing was. */
  readonly transaction: Holder | null;
  readonly result: PastTransaction['result'] | null;
  readonly unchangedExitCode: number;
}

/** A program that does not end by itself is killed after 5 seconds, and then there is some cleaning up. */
const WAIT_SECONDS = 30;

export const command: CommandImplementation<Result> = {
  async run(app, args) {
    const { dryRun, waitSeconds } = app.globals;
    const unchangedExitCode = args.flag('unchanged-exit-77') ? 77 : 0;
    if (dryRun) {
      const transaction = readHolder(app) ?? null;
      return { dryRun, transaction, result: null, unchangedExitCode };
    }
    const options = { waitSeconds: waitSeconds === 0 ? WAIT_SECONDS : waitSeconds };
    const done = await cancelTransaction(app, options);
    return {
      dryRun,
      transaction: done?.holder ?? null,
      result: done?.result ?? null,
      unchangedExitCode,
    };
  },
  toJson: ({ dryRun, transaction, result }) => ({
    schema: 1,
    dryRun,
    cancelled: result === 'interrupted',
    transaction,
    result,
  }),
  render({ dryRun, transaction, result }) {
    if (transaction === null) return 'No transaction is running.\n';
    const what = `\`${transaction.commandLine}\` (pid ${transaction.pid})`;
    if (dryRun) return `Would cancel ${what}.\n`;
    if (result === 'interrupted') return `Cancelled ${what}; nothing was changed.\n`;
    return `${what} ended before it heard: ${result}.\n`;
  },
  exitCode: ({ transaction, unchangedExitCode }) => (transaction === null ? unchangedExitCode : 0),
};
