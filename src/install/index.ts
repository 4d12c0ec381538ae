export {
  type Converted,
  installToExistingRoot,
  planToExistingRoot,
  type ToExistingRootPlan,
  undoExistingRoot,
} from './existing/index.ts';
export type { Installed } from './install-system.ts';
export type { MachineRequest } from './machine.ts';
export type { Partition } from './partition-plan.ts';
export { readSettingsFile, type SettingsFile } from './settings-file.ts';
export { mebibytes, parseSize } from './size.ts';
export { installToDisk, planToDisk, type ToDiskPlan } from './to-disk.ts';
export { installToFilesystem, planToFilesystem } from './to-filesystem.ts';
