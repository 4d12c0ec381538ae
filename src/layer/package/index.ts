export { type DebFile, importPackages, isImported, packageRef } from './import.ts';
export type { ControlMember, PackageEntry, PackageImage } from './model.ts';
export { type PackageIn, packageIn } from './package-in.ts';
export { isDamage, readPackage } from './read.ts';
