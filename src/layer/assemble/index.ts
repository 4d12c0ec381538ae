export type { Accounts } from './accounts.ts';
export { type DpkgDatabase, type ReadFile, readDpkgDatabase } from './dpkg-database.ts';
export { type AliasedOverwrite, type Merged, mergePackages } from './merge.ts';
export { type AssemblyPackage, describePackage } from './package.ts';
export { dpkgRecords, type RecordOptions } from './records.ts';
