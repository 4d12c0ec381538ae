export {
  type AffectedPackage,
  type Assessment,
  assess,
  type Distribution,
  type Finding,
  type FindingState,
  findingKey,
  isFixable,
  releaseNames,
  type SystemPackage,
  type UncoveredPackage,
  wantedOf,
} from './assess/index.ts';
export { readCached, refreshData } from './cache/index.ts';
export { type DataSource, type KnownVulnerabilities, readFiles, readKnown } from './known.ts';
export { SEVERITIES, type Severity } from './model.ts';
export {
  draftVex,
  type Explanation,
  explain,
  readVex,
  type SilencedFinding,
  type VexStatement,
} from './vex.ts';
