import { fromText } from '../../formats/bytes/index.ts';
import type { Directory } from '../../formats/tree/index.ts';
import { verityDigest } from '../../formats/verity/index.ts';
import type { Host } from '../../host/index.ts';
import { checkout, readContent, type Store } from '../../store/index.ts';
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
  const mine = readLiveTree(host.sys, fromText(live));
  const { tree, verdicts } = mergeTrees(
    { base, mine, fresh },
    { digestOf: bytes => verityDigest(bytes, store.algorithm), read: file => readContent(store, file) },
  );
  if (target !== undefined) await checkout(store, tree, target);
  return verdicts;
}
