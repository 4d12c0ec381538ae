import { AptLayerError } from '../errors/index.ts';

/** What apt is asked to do to a root, in apt's own words. */
export interface AptRequest {
  /** `NAME`, `NAME:ARCH`, `NAME=VERSION`, `NAME/SUITE`. */
  readonly install: readonly string[];
  /** Local .deb files, paths outside. */
  readonly files: readonly string[];
  readonly remove: readonly string[];
  /** Without what packages recommend. */
  readonly withoutRecommends?: boolean;
  /** Versions to keep to where the archive still has them. */
  readonly prefer: readonly PreferredVersion[];
}

export interface PreferredVersion {
  readonly name: string;
  readonly architecture: string;
  readonly version: string;
}

/** One package that apt will fetch and install. */
export interface ResolvedPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  /** Bytes of the .deb. */
  readonly size: number;
  /** Lower-case hex; undefined for a local file until it is read. */
  readonly sha256: string | undefined;
  readonly uri: string;
  /** File name in apt's archive cache. */
  readonly fileName: string;
}

export interface Resolution {
  readonly install: readonly ResolvedPackage[];
  /** Installed packages that go, `NAME` or `NAME:ARCH`. */
  readonly remove: readonly string[];
  /** Bytes that unpacking adds, as apt estimates it. */
  readonly installedBytes: number;
  /** Archives, `URI SUITE`, whose lists were out of date when it was made: `outdatedArchives`. */
  readonly expired?: readonly string[];
}

/** Where local .deb files of a request appear inside the sandbox. */
export const LOCAL_DEBS = '/run/apt-layer/debs';

/**
 * The arguments of `apt-get install` for a request; user values come after `--`. A version that is asked for by name may
 * be older than the one that is there; apt goes back to an older one for no other reason.
 */
export function installArguments(request: AptRequest): string[] {
  return [
    '--allow-downgrades',
    ...(request.withoutRecommends === true ? ['--no-install-recommends'] : []),
    '--',
    ...request.install,
    ...request.files.map((_, index) => `${LOCAL_DEBS}/${index}.deb`),
    ...request.remove.map(name => `${name}-`),
  ];
}

/** The highest priority that does not take a package back to an older version: apt_preferences(5). */
const WITHOUT_DOWNGRADE = 999;

/**
 * An apt preferences file that keeps to `prefer`. A version the archive no longer has is passed over by apt, as is one
 * that is older than what the base has by now.
 */
export function renderPreferences(prefer: readonly PreferredVersion[]): string {
  return prefer
    .map(({ name, architecture, version }) => {
      const target = architecture === 'all' ? name : `${name}:${architecture}`;
      return `Package: ${target}\nPin: version ${version}\nPin-Priority: ${WITHOUT_DOWNGRADE}\n`;
    })
    .join('\n');
}

/** The SHA-256 that the index has for an archive. Throws SIGNATURE when it has none: nothing could be checked then. */
export function archiveHash({ name, version, sha256 }: ResolvedPackage): string {
  if (sha256 !== undefined) return sha256;
  throw new AptLayerError('SIGNATURE', `the archive gives no SHA-256 for ${name} ${version}`, {
    hint: 'its repository is too old or broken; use another mirror',
  });
}
