export {
  type Converted,
  installToExistingRoot,
  planToExistingRoot,
  type ToExistingRootPlan,
} from './to-existing-root.ts';
export { undoExistingRoot } from './undo.ts';
