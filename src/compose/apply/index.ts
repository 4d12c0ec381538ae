export { applyAccounts } from './accounts.ts';
export { withArchitectures, withHolds, withPins } from './apt-settings.ts';
export { applyDebconf } from './debconf.ts';
export { placeProblem } from './file-places.ts';
export { placeFiles } from './files.ts';
export { withInitramfsSettings } from './initramfs-settings.ts';
export { applyScripts } from './scripts.ts';
export { applyServices } from './services.ts';
