import type { App } from '../app/index.ts';
import { deploymentRecovery, withoutRecord } from '../deployment/index.ts';
import {
  type JsonObject,
  type RecoveryHandler,
  type Sysroot,
  type Transaction,
  withTransaction,
} from '../transaction/index.ts';

/** A change of which deployments there are or in what order: how to foresee it and how to do it. */
export interface DeploymentChange<T> {
  readonly verb: string;
  /** Changes nothing; also refuses what cannot be before anything is written. */
  plan(at: Sysroot): T;
  apply(transaction: Transaction): T | Promise<T>;
  summarize(result: T): JsonObject;
}

/** Does it in a transaction, or with --dry-run only plans it. */
export async function changeDeployments<T>(app: App, change: DeploymentChange<T>): Promise<T> {
  const planned = change.plan(app);
  return app.globals.dryRun ? planned : inTransaction(app, change);
}

/** Does it in a transaction. */
export function inTransaction<T>(app: App, change: Omit<DeploymentChange<T>, 'plan'>): Promise<T> {
  const options = {
    verb: change.verb,
    commandLine: app.commandLine,
    wait: app.globals.waitSeconds,
    usesReserve: true,
    recovery: [deploymentRecovery, missingRecords],
    summarize: (result: T) => change.summarize(result),
  };
  return withTransaction(app, options, async transaction => change.apply(transaction));
}

/** Writes the public records that an older program did not. What they take is loaded only then: most verbs here read no spec. */
const missingRecords: RecoveryHandler = async transaction => {
  if (withoutRecord(transaction).length === 0) return [];
  const { writeRecords } = await import('../compose/index.ts');
  return writeRecords(transaction);
};
