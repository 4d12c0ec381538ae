export { automaticUpdates } from './automatic.ts';
export type { KeptPackage } from './blocked.ts';
export { type BuiltBase, buildBase } from './build-base.ts';
export {
  buildContext,
  type ChangeOptions,
  type ChangeResult,
  changeSystem,
  runChange,
  type SpecSource,
} from './change.ts';
export { checkReproducible, type ReproducibleResult } from './check.ts';
export { editText } from './edit-text.ts';
export { editSystem } from './layers.ts';
export { writeLock } from './lock.ts';
export { currentDeployment, currentOrigin, currentSpec, editOrigin } from './origin.ts';
export { listOverrides, type OverrideState } from './overrides.ts';
export { redeploySystem } from './redeploy.ts';
export { readRetention } from './retention.ts';
export { analyseScripts, type ScriptsResult } from './scripts.ts';
export { lintFile, readSpecFile, specFileText } from './source.ts';
export { type UpgradeOptions, type UpgradeResult, upgradeSystem } from './upgrade.ts';
export {
  type Incoming,
  type MissedUpdate,
  previewUpgrade,
  type UpgradePreview,
} from './upgrade-preview.ts';
