import { AptLayerError } from '../errors/index.ts';
import { log, type Reporter } from '../report/index.ts';

export interface MetadataPolicy {
  /** Never use the network. */
  readonly offline: boolean;
  /** Fetch index files even when those in the cache are recent. */
  readonly refresh: boolean;
  /** Sources to do without: names of repositories or of files of sources, or addresses. */
  readonly withoutSources?: readonly string[];
}

/** Index files older than this are fetched again: as long as rpm-ostree keeps its metadata. */
const METADATA_MAX_AGE_SECONDS = 3600;

/** Fetches index files when the policy asks for it; NETWORK when there are none and it forbids that. */
export async function ensureFresh(
  report: Reporter,
  policy: MetadataPolicy,
  lists: {
    /** What they are of, for messages. */
    readonly of: string;
    /** Seconds since they were fetched; undefined when there are none. */
    readonly age: number | undefined;
    readonly refresh: () => Promise<unknown>;
  },
): Promise<void> {
  const { age, of } = lists;
  if (!policy.refresh && age !== undefined && age <= METADATA_MAX_AGE_SECONDS) return;
  if (!policy.offline) {
    await lists.refresh();
    return;
  }
  if (age === undefined)
    throw new AptLayerError(
      'NETWORK',
      `there are no package lists for ${of} yet, and --offline forbids fetching them`,
      { hint: 'run it once without --offline' },
    );
  log(report, 'info', `package lists are ${Math.round(age / 3600)} hours old (--offline)`);
}
