export { digestsOf } from './contents.ts';
export { type EtcChange, type EtcDrift, etcDrift } from './drift.ts';
export { type EtcMerge, type MergedEtc, mergeEtc } from './merge-etc.ts';
export { isAccountTable } from './policy.ts';
export { readLiveTree } from './read-live.ts';
export { conflictText, type EtcVerdict } from './verdict.ts';
