export { type Cancelled, cancelTransaction } from './cancel.ts';
export { listTransactions, type PastTransaction } from './history.ts';
export { type Holder, readHolder } from './holder.ts';
export { compactTime } from './id.ts';
export { isObject, type JsonObject, parseStateFile, STATE_FILE_MAX_BYTES, stringArray } from './json.ts';
export { type StatePaths, type Sysroot, statePaths } from './paths.ts';
export { HIDDEN, publicAddress } from './public-address.ts';
export { publicCommandLine } from './public-command.ts';
export { checkStateVersion } from './state-version.ts';
export {
  type RecoveryHandler,
  type Transaction,
  type TransactionOptions,
  withTransaction,
} from './transaction.ts';
