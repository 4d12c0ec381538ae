export { assemble } from './assemble.ts';
export { epochOf } from './epoch.ts';
export {
  type Installed,
  type InstallOptions,
  installAssembled,
  installPackages,
  planInstallation,
} from './install.ts';
export {
  configuringBytes,
  dpkgTarget,
  type Installation,
  preinstOf,
  type WantedPackage,
} from './installation.ts';
export type { InstallNotes, PackagePermissions } from './notes.ts';
export { importedPackages } from './packages.ts';
