export {
  type AffectedPackage,
  type Assessment,
  assess,
  type Finding,
  type FindingState,
  findingKey,
  isFixable,
  type UncoveredPackage,
  wantedOf,
} from './assess.ts';
export { type Distribution, releaseNames, type SystemPackage } from './system.ts';
