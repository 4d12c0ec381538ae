export { type DebFile, importPackages, isImported } from './import.ts';
export type { ControlMember, PackageEntry, PackageImage } from './model.ts';
export { isDamage, readPackage } from './read.ts';
