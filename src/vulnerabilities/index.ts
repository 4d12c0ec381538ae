export {
  type AffectedPackage,
  type Assessment,
  assess,
  type Distribution,
  type Finding,
  type FindingState,
  type SystemPackage,
  type UncoveredPackage,
  wantedOf,
} from './assess/index.ts';
export { refreshData } from './cache/index.ts';
export { type DataSource, type KnownVulnerabilities, readFiles, readKnown } from './known.ts';
