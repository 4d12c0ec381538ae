export {
  type AffectedPackage,
  type Assessment,
  assess,
  type Finding,
  type FindingState,
  type UncoveredPackage,
  wantedOf,
} from './assess.ts';
export {
  type Distribution,
  type Ingredient,
  type SourceVersion,
  type SystemPackage,
} from './system.ts';
