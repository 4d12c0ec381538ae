import { fromText } from '../../formats/bytes/index.ts';
import type { Directory } from '../../formats/tree/index.ts';
import type { Host } from '../../host/index.ts';
import { checkout, type Store } from '../../store/index.ts';
import { contentsOf } from './contents.ts';
import { mergeTrees } from './merge.ts';
import { readLiveTree } from './read-live.ts';
import type { EtcVerdict } from './verdict.ts';

export interface EtcMerge {
  /** /etc of the image that runs. */
  readonly base: Directory | undefined;
  /** The machine's own, as a directory. */
  readonly live: string;
  /** /etc of the image that is to run. */
  readonly fresh: Directory | undefined;
  /** A directory that does not exist yet; undefined to say only what would be. */
  readonly target: string | undefined;
}

/** Merges /etc three ways and writes the result. Not durable until the file system is synced; the machine's own stays as it is. */
export async function mergeEtc(host: Host, store: Store, merge: EtcMerge): Promise<readonly EtcVerdict[]> {
  const { base, live, fresh, target } = merge;
  const { tree: mine, outside } = readLiveTree(host.sys, fromText(live));
  const { tree, verdicts } = mergeTrees({ base, mine, fresh }, contentsOf(store, outside));
  if (target !== undefined) await checkout(store, tree, target, outside);
  return verdicts;
}
