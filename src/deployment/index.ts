export { adoptEtc } from './adopt-etc.ts';
export { badDeploymentOf } from './bad-images.ts';
export { bootOnce } from './boot-once.ts';
export { argumentObstacle, bootUnitAt, isBootUnit } from './boot-path.ts';
export { type BootState, confirmBoot, isBooted, takeBootState } from './boot-state.ts';
export { checkSysroot } from './check.ts';
export { type Cleanup, cleanup, hasStore, KEEP_DEFAULT, previewCleanup } from './cleanup.ts';
export { assertCommandLineFits } from './command-line-length.ts';
export { createDeployment, type NewDeployment } from './create.ts';
export { readEtcDrift } from './etc-drift.ts';
export { conflictText, type EtcChange, type EtcVerdict } from './etc-merge/index.ts';
export { type Finalized, finalize } from './finalize.ts';
export { type HealthCheck, isTrial, runHealthChecks } from './health.ts';
export { diffImages, type ImageDiff, installedIn, statusOf } from './image-diff.ts';
export { inactiveRequests } from './inactive.ts';
export { kernelOf } from './kernel.ts';
export {
  type ArgumentsDiff,
  diffKernelArguments,
  type KernelArgument,
  kernelArgumentsOf,
  withMachine,
} from './kernel-arguments.ts';
export { type Deployments, listDeployments, readDeployments } from './list.ts';
export {
  type AppliedLive,
  applyLive,
  type LiveState,
  planApplyLive,
  planSoftReboot,
  readLiveState,
  softReboot,
  unlockUsr,
} from './live/index.ts';
export { assertBootDirectory, loaderEntry, readLoader } from './loader.ts';
export type { Deployment, DeploymentBase, ForcedPolicy, StageRecord, VerityPolicy } from './model.ts';
export { deploymentSerial } from './name.ts';
export { neededRefs, partRefs } from './needed-refs.ts';
export { readOrigin, readOriginFile } from './origin.ts';
export { diffPackages, type PackageChange, type PackageDiff } from './package-diff.ts';
export { INPUT_REFS, KEPT_BASE_REFS, STAGE_REFS, storePath } from './paths.ts';
export { planPinned, setPinned } from './pin.ts';
export { positions } from './positions.ts';
export {
  distributionOf,
  isDenied,
  type PublicOrigin,
  type PublicRecord,
  type RecordedPackage,
  type RedactedOrigin,
  readPublic,
  recordedPackages,
  recordedSystem,
  vendorOf,
  withoutRecord,
  writeMissingRecords,
} from './public/index.ts';
export { deploymentRecovery } from './recover.ts';
export { lacksVerity, protectObjects, requireVerity } from './require-verity.ts';
export { type Retained, type Retention, retain } from './retention.ts';
export { selectAmong, selectDeployment } from './select.ts';
export { startBooting, stopBooting } from './start-booting.ts';
export { applySwitch, planDeploy, planRollback, planUnstage, type Switch } from './switch.ts';
export { mountDeployment, USE_NETWORKS, type UseOptions, useDeployment } from './use.ts';
export { reachesMachines } from './var-plan.ts';
export {
  assertNoneRequiresVerity,
  assertVerity,
  assertVerityOf,
} from './verity-policy.ts';
