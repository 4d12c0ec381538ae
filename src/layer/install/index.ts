export { type InstallOptions, installPackages, planInstallation } from './install.ts';
export type { WantedPackage } from './installation.ts';
