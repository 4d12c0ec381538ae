import type { VerityPolicy } from '../../deployment/index.ts';
import type { ImageReference } from '../../formats/reference/index.ts';
import type { Severity } from '../../vulnerabilities/index.ts';

/**
 * The spec as the rest of the program sees it: plain data, every default filled in. Two specs that are deeply
 * equal describe the same deployment.
 */
export interface Spec {
  /** Names the deployment; not part of the image. */
  readonly name?: string;
  /** The author's own version of the spec, as text; not part of the image. */
  readonly version?: string;
  readonly baseImage: BaseImage;
  readonly bootstrap: Bootstrap;
  readonly layers: readonly PackageRequest[];
  readonly files: readonly SpecFile[];
  readonly services: Services;
  readonly repositories: readonly Repository[];
  /** Names of packages of the base image that the result must not have. */
  readonly remove: readonly string[];
  /** What takes the place of packages of the base or of what layers pull in; one for each package. */
  readonly overrides: readonly Override[];
  readonly multiArch: MultiArch;
  readonly metadata: MetadataSettings;
  readonly maintainerScripts: ScriptSettings;
  /** Policies of single packages, which come before those of all; one for each package. */
  readonly layerPolicies: readonly LayerPolicy[];
  readonly pins: readonly Pin[];
  /** `NAME` or `NAME:ARCH`: these keep their versions. */
  readonly holds: readonly string[];
  /** Packages bring what they recommend. */
  readonly recommends: boolean;
  /** Archives are used as they were then: `YYYYMMDDTHHMMSSZ`. Not part of the image: the lock has what came of it. */
  readonly snapshot?: string;
  /** In the order of the command line; not part of the image. */
  readonly kernelArguments: readonly string[];
  readonly initramfs: InitramfsSettings;
  readonly users: readonly UserAccount[];
  readonly groups: readonly GroupAccount[];
  readonly debconf: readonly DebconfAnswer[];
  readonly scripts: readonly SpecScript[];
  /** Not part of the image. */
  readonly security: SecuritySettings;
  /** By key, sorted; not part of the image. */
  readonly labels: Readonly<Record<string, string>>;
}

/** What becomes of one package instead of what apt would choose. */
export type Override = { readonly package: string } & OverrideChoice;

/** `with` are one or more .deb files, installed together. */
export type OverrideChoice =
  | { readonly kind: 'with'; readonly debs: readonly DebRequest[] }
  | { readonly kind: 'remove' }
  | { readonly kind: 'version'; readonly version: string }
  | { readonly kind: 'suite'; readonly suite: string };

/** Architectures beside the native one, and the part that packages of several play. */
export interface MultiArch {
  readonly enabled: boolean;
  readonly architectures: readonly string[];
  readonly packages: readonly MultiArchPackage[];
}

/**
 * `same`: side by side with the same package of another architecture. `foreign`: of a foreign architecture, for all.
 * `allowed`: others depend on it with `:any`.
 */
export type MultiArchRole = 'same' | 'foreign' | 'allowed';

/** Without an architecture it is meant for each of the listed ones. */
export interface MultiArchPackage {
  readonly package: string;
  readonly architecture?: string;
  readonly role: MultiArchRole;
}

/** Who wins where two sources have something else at one path; without it, dpkg's rules hold. */
export type ConflictResolution = 'keep-latest' | 'keep-base' | 'fail';

export interface MetadataSettings {
  readonly preservePermissions: boolean;
  readonly conflictResolution?: ConflictResolution;
}

/** What is done about maintainer scripts that do what does not belong into the building of an image. */
export type ValidationMode = 'strict' | 'warn' | 'skip';

/** How the system is protected where it runs. */
export interface SecuritySettings {
  /** `require`: it is never made bootable without fs-verity. `prefer`: with it where kernel and file system have it. */
  readonly verity: VerityPolicy;
  /** Files of OpenVEX: paths on the building machine. They are no inputs of the image. */
  readonly vex: readonly string[];
  /** One of these keys must have signed the image that the system is built on; absent where nothing is demanded. */
  readonly images?: { readonly keys: readonly SigningKey[] };
  /** What no system may be deployed with; absent where nothing is refused. */
  readonly policy?: SecurityPolicy;
}

/** Rules that a system is held against before it is deployed. */
export interface SecurityPolicy {
  readonly vulnerabilities?: VulnerabilityPolicy;
  /** Patterns of archives, ORIGIN/SUITE, that packages may come from; absent where any will do. */
  readonly archives?: readonly string[];
  /** Patterns of names. */
  readonly denied?: readonly string[];
}

export interface VulnerabilityPolicy {
  /** What is worse than one of these is refused as well; nothing is where there are none. */
  readonly refuse: readonly Severity[];
  /** What becomes of those that no upgrade closes. */
  readonly unfixed: 'allow' | 'refuse';
  readonly except: readonly PolicyException[];
  /** How old data may be, as `7d`; absent where the configuration of the machine says it. */
  readonly maxAge?: string;
}

/** A vulnerability that is let through. */
export interface PolicyException {
  readonly cve: string;
  readonly reason: string;
  /** The last day, `YYYY-MM-DD` in UTC. */
  readonly until: string;
}

export interface ScriptSettings {
  readonly validationMode: ValidationMode;
  /** Commands, kinds of actions, or paths that count as warnings, and as refusals when strict. */
  readonly forbiddenActions: readonly string[];
}

export interface LayerPolicy {
  readonly package: string;
  readonly preservePermissions?: boolean;
  readonly conflictResolution?: ConflictResolution;
  readonly validationMode?: ValidationMode;
  /** Its scripts have a network while they run: what they make is not reproducible. */
  readonly network?: boolean;
}

/** A stanza of apt_preferences(5). */
export interface Pin {
  readonly packages: readonly string[];
  /** `release a=trixie-backports`, `version 5.*`, `origin "host"`. */
  readonly pin: string;
  readonly priority: number;
  readonly explanation?: string;
}

export interface InitramfsSettings {
  /** Kernel modules that it has in any case. */
  readonly modules: readonly string[];
  readonly compression?: InitramfsCompression;
}

export type InitramfsCompression = 'zstd' | 'xz' | 'gzip' | 'lz4';

/** A user; what is absent is what useradd(8) chooses, or stays when there is such a user. */
export interface UserAccount {
  readonly name: string;
  readonly uid?: number;
  /** The primary group; one of the same name is made without it. */
  readonly group?: string;
  readonly home?: string;
  readonly shell?: string;
  readonly description?: string;
  /** Further groups. */
  readonly groups: readonly string[];
  /** For a service, not a person. */
  readonly system: boolean;
}

export interface GroupAccount {
  readonly name: string;
  readonly gid?: number;
  readonly system: boolean;
}

/** An answer as debconf-set-selections(1) takes it. */
export interface DebconfAnswer {
  readonly package: string;
  readonly question: string;
  readonly type: string;
  readonly value: string;
}

/** A script that runs in the system when all else is done. Inputs are files or directories of the building machine. */
export type SpecScript = { readonly name: string; readonly inputs: readonly string[] } & (
  | { readonly kind: 'inline'; readonly run: string }
  | { readonly kind: 'source'; readonly source: string }
);

/**
 * `local://REF` is an image of the store; `apt://SUITE` is bootstrapped from the archive; images come from registries, layouts, archives
 * and podman's storage; a Containerfile is built by a container engine.
 */
export type BaseImage =
  | { readonly kind: 'local'; readonly ref: string }
  | { readonly kind: 'apt'; readonly suite: string }
  | { readonly kind: 'image'; readonly reference: ImageReference }
  | ContainerfileBase;

/** Both paths are of the building machine. `buildArguments` are values of `ARG` by name, sorted. */
export interface ContainerfileBase {
  readonly kind: 'containerfile';
  readonly containerfile: string;
  readonly context: string;
  readonly buildArguments: Readonly<Record<string, string>>;
}

/** How much the bootstrapped base has: only what is essential and apt, or up to a priority of the archive. */
export type BootstrapVariant = 'minbase' | 'standard' | 'important';

/** How `apt://` makes its base. What is absent is taken from the host's own apt sources, or is apt's default. */
export interface Bootstrap {
  readonly mirror?: string;
  readonly securityMirror?: string;
  readonly components?: readonly string[];
  readonly variant: BootstrapVariant;
  /** Path of the keyring that must have signed the archive. */
  readonly keyring?: string;
  /** Further suites beside that of the base image, such as `trixie-updates`. */
  readonly suites?: readonly string[];
}

/** One entry of `layers`. `architecture` is absent for the native one. */
export type PackageRequest =
  | { readonly kind: 'name'; readonly name: string; readonly architecture?: string }
  | {
      readonly kind: 'version';
      readonly name: string;
      readonly architecture?: string;
      readonly version: string;
    }
  | { readonly kind: 'suite'; readonly name: string; readonly architecture?: string; readonly suite: string }
  | DebRequest;

/** One .deb: a file of the building machine, or one that is fetched and has this SHA-256. */
export type DebRequest =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'url'; readonly url: string; readonly sha256: string };

/** `path` is absolute and normal. `mode` holds permission bits up to 0o7777. An owner is a name or a number. */
export type SpecFile =
  | (FileOwnership & { readonly kind: 'content'; readonly path: string; readonly content: string })
  | (FileOwnership & { readonly kind: 'source'; readonly path: string; readonly source: string })
  | (FileOwnership & { readonly kind: 'directory'; readonly path: string })
  | { readonly kind: 'link'; readonly path: string; readonly target: string };

/** Who owns a file and who may use it. */
export interface FileOwnership {
  readonly mode: number;
  readonly owner: string | number;
  readonly group: string | number;
}

/** Full unit names: a name without a suffix has got `.service`. */
export interface Services {
  readonly enable: readonly string[];
  readonly disable: readonly string[];
  readonly mask: readonly string[];
}

/** One apt source, with the fields of deb822 and the key that alone is trusted for it. */
export interface Repository {
  readonly name: string;
  readonly types: readonly RepositoryType[];
  readonly uris: readonly string[];
  readonly suites: readonly string[];
  /** Empty for a flat repository, whose suites end with `/`. */
  readonly components: readonly string[];
  readonly architectures?: readonly string[];
  /** Its lists count when they have expired, too: it is old on purpose. */
  readonly checkValidUntil?: false;
  readonly signedBy: SigningKey;
}

/** Binary packages, or source packages. */
export type RepositoryType = 'deb' | 'deb-src';

/** The keys that alone are trusted for a repository: armored text in the spec, or a file of the building machine. */
export type SigningKey =
  | { readonly kind: 'inline'; readonly key: string }
  | { readonly kind: 'file'; readonly path: string };
