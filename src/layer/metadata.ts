export interface MetadataPolicy {
  /** Never use the network. */
  readonly offline: boolean;
  /** Fetch index files even when those in the cache are recent. */
  readonly refresh: boolean;
}

/** Index files older than this are fetched again: as long as rpm-ostree keeps its metadata. */
const METADATA_MAX_AGE_SECONDS = 3600;

/** Whether index files of that age, in seconds, are to be fetched again; undefined when there are none. */
export function isStale(age: number | undefined): boolean {
  return age === undefined || age > METADATA_MAX_AGE_SECONDS;
}
