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
export { isDenied, readPublic, readPublicEtc, recordedPackages } from './read.ts';
