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
}

/** `local://REF` is an image of the store; `apt://SUITE` is bootstrapped from the archive. */
export type BaseImage =
  | { readonly kind: 'local'; readonly ref: string }
  | { readonly kind: 'apt'; readonly suite: string };

/** `oci://REF`: understood, but no spec can hold one in this version. */
export interface RegistryImage {
  readonly kind: 'oci';
  readonly reference: string;
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
  | { readonly kind: 'file'; readonly path: string };

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
  readonly signedBy: SigningKey;
}

/** Binary packages, or source packages. */
export type RepositoryType = 'deb' | 'deb-src';

/** The keys that alone are trusted for a repository: armored text in the spec, or a file of the building machine. */
export type SigningKey =
  | { readonly kind: 'inline'; readonly key: string }
  | { readonly kind: 'file'; readonly path: string };
