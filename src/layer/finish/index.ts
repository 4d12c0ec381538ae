export { type AccountIds, accountIds, mergeIds } from './account-ids.ts';
export { finishTree } from './finish.ts';
