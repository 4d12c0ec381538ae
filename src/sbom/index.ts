export { cyclonedxDocument } from './cyclonedx.ts';
export { type Licence, readCopyright } from './licences/index.ts';
export type { BinaryPackage, Inventory, SourcePackage } from './model.ts';
export { spdxDocument } from './spdx.ts';
