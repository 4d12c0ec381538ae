export {
  type VulnerabilityChange,
  type VulnerabilityCounts,
  vulnerabilityChange,
  vulnerabilityCounts,
} from './counts.ts';
export { type Assessed, assessFromCache, assessSystems, type DataOptions } from './known.ts';
export { requestersIn, vexFilesOf } from './requesters.ts';
export { statementsIn } from './statements.ts';
export {
  type AssessedSystem,
  type RecordedSystem,
  recordsOfDeployment,
  recordsOfImage,
  rollingRelease,
  systemOfDeployment,
  systemOfImage,
  systemPackage,
} from './system.ts';
