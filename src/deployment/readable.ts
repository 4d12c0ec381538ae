import { AptLayerError } from '../errors/index.ts';
import { log } from '../report/index.ts';
import type { Transaction } from '../transaction/index.ts';

/**
 * What a file of the state says, or undefined, with a warning, when it is damaged: for files that only say something about deployments and
 * that a change writes anew, so that none of them can lock anybody out.
 */
export function ifReadable<T>(
  transaction: Transaction,
  read: (transaction: Transaction) => T,
): T | undefined {
  try {
    return read(transaction);
  } catch (error) {
    if (!(error instanceof AptLayerError)) throw error;
    log(transaction.host.report, 'warning', `passed over: ${error.message}`);
    return undefined;
  }
}
