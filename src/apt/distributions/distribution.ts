/** Parts of a release that live in suites of their own, named SUITE-POCKET. */
export type Pocket = 'updates' | 'security';

export interface Release {
  readonly codename: string;
  /** As people say it: `13`, `24.04`. */
  readonly version: string;
}

/** What the program knows of one distribution; everything else is asked of its archive. */
export interface Distribution {
  /** The ID of its os-release. */
  readonly id: string;
  readonly title: string;
  /** Oldest first. A release missing here still works; it is only not suggested. */
  readonly releases: readonly Release[];
  /** Suite names that move from release to release, taken as the archive gives them. */
  readonly aliases: readonly string[];
  /** Suites that get all their updates in themselves. */
  readonly rolling: readonly string[];
  /** All components of the archive; the first ones are used when none are named. */
  readonly components: readonly string[];
  readonly defaultComponents: readonly string[];
  /** Where the archive's keys are, on a host and in the system itself; the first that exists is taken. */
  readonly keyrings: readonly string[];
  readonly keyringPackage: string;
  /** A public archive, for examples in messages. */
  readonly exampleMirror: string;
  /** The file that holds the distribution's own sources. */
  readonly sourcesFile: string;
  /** True for the address of a complete archive, by the shape of its path. */
  isArchive(uri: string): boolean;
  /** Where the security suites are for an archive at `mirror`; undefined when its address does not tell. */
  securityArchive(mirror: string): string | undefined;
}

const PREFIX = '(?:/(?:pub|mirrors?|linux|os|archive|ftp|distributions?))*';
const SNAPSHOT = '(?:/\\d{8}T\\d{6}Z)?';

/**
 * Recognises `http://HOST/NAME`, `.../pub/NAME` and the like, with a snapshot's time after it. Not every path that
 * ends in NAME: archives of other vendors often do.
 */
export function archivePattern(names: string): RegExp {
  return new RegExp(`^([a-z+]+://[^/]+${PREFIX})/(?:${names})(${SNAPSHOT})/?$`);
}
