export { distributionOf } from './distribution.ts';
export {
  checkedText,
  closePrivateFiles,
  type Redaction,
  withoutRecord,
  writeMissingRecords,
} from './ensure.ts';
export { isClosed, publicEtc } from './etc.ts';
export { publicRecord } from './make.ts';
export type { PublicOrigin, PublicRecord, RecordedPackage, RedactedOrigin } from './model.ts';
export { isDenied, readPublic, readPublicEtc, recordedPackages, recordedSystem } from './read.ts';
export { vendorOf } from './vendor.ts';
