import { withoutRecord, writeMissingRecords } from '../../deployment/index.ts';
import type { RecoveryHandler } from '../../transaction/index.ts';
import { publicOrigin } from './public-origin.ts';

/** Writes the public records of deployments that an older program made. Called with the lock held. */
export const writeRecords: RecoveryHandler = transaction => {
  writeMissingRecords(transaction, { ids: withoutRecord(transaction), redact: publicOrigin });
  return [];
};
