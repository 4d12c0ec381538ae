import { fromText } from '../../formats/bytes/index.ts';
import { type Directory, lookupDirectory, type Tree } from '../../formats/tree/index.ts';
import type { Host } from '../../host/index.ts';
import { checkout, type Store } from '../../store/index.ts';
import { contentsOf } from './contents.ts';
import { ownersIn } from './image-owners.ts';
import { mergeTrees } from './merge.ts';
import { readLiveTree } from './read-live.ts';
import { renumbered } from './renumbered.ts';
import type { EtcVerdict } from './verdict.ts';

export interface EtcMerge {
  /** /etc of the image that runs. */
  readonly base: Directory | undefined;
  /** The machine's own, as a directory. */
  readonly live: string;
  /** The image that is to run. */
  readonly image: Tree;
  /** Whether accounts of the image whose numbers are taken here get others also where files of the image are theirs. */
  readonly renumberAccounts: boolean;
  /** A directory that does not exist yet; undefined to say only what would be. */
  readonly target: string | undefined;
}

export interface MergedEtc {
  readonly verdicts: readonly EtcVerdict[];
  /** What is to be known of accounts and their numbers. Sentences. */
  readonly warnings: readonly string[];
}

/**
 * Merges /etc three ways and writes the result. Not durable until the file system is synced; the machine's own stays as it is. FAILED when an account of the
 * image has a number that is another one's here and owns files of the image, unless `renumberAccounts`.
 */
export async function mergeEtc(host: Host, store: Store, merge: EtcMerge): Promise<MergedEtc> {
  const { base, live, image, target } = merge;
  const { tree: mine, outside } = readLiveTree(host.sys, fromText(live));
  const contents = contentsOf(store, outside);
  const shipped = lookupDirectory(image, fromText('/etc'));
  const policy = { ownedBy: ownersIn(image), evenOwners: merge.renumberAccounts };
  const { fresh, warnings } = renumbered({ base, mine, fresh: shipped }, contents, policy);
  const { tree, verdicts } = mergeTrees({ base, mine, fresh }, contents);
  if (target !== undefined) await checkout(store, tree, target, outside);
  return { verdicts, warnings };
}
