export {
  type VulnerabilityChange,
  type VulnerabilityCounts,
  vulnerabilityChange,
  vulnerabilityCounts,
} from './counts.ts';
export { type Assessed, assessSystems, type DataOptions } from './known.ts';
export { requestersIn, vexFilesOf } from './requesters.ts';
export {
  type AssessedSystem,
  type RecordedSystem,
  recordsOfDeployment,
  recordsOfImage,
  systemOfDeployment,
  systemOfImage,
} from './system.ts';
