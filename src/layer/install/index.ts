export { epochOf } from './epoch.ts';
export {
  type Installed,
  type InstallOptions,
  installAssembled,
  installPackages,
  planInstallation,
} from './install.ts';
export { dpkgTarget, type Installation, type WantedPackage } from './installation.ts';
export { importedPackages } from './packages.ts';
