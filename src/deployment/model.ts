import type { ImageCheck } from '../formats/image-check/index.ts';
import type { LastingWarning } from '../report/index.ts';

/** `require`: no boot entry is made that would boot without fs-verity. `prefer`: where there is none, without. */
export type VerityPolicy = 'require' | 'prefer';

/** A packages-only tree that a build used. */
export interface StageRecord {
  /** The ref that keeps its image, named by what it is made of; undefined in what anybody may read. */
  readonly ref: string | undefined;
  /** How many packages it brought. */
  readonly packages: number;
  /** Names of those that were asked for. */
  readonly requested: readonly string[];
  /** Keys of those `warnings` that building it gave; undefined where nobody knows. */
  readonly warned: readonly string[] | undefined;
}

/** What a deployment was built on. */
export interface DeploymentBase {
  readonly request: string;
  readonly digest: string;
  /** Of an image from elsewhere: the digest of its manifest, `sha256:HEX`. */
  readonly manifest?: string;
  /** How that was checked before it came into the store. */
  readonly check?: ImageCheck;
}

/** What rules of a spec refused, and was done all the same. */
export interface ForcedPolicy {
  /** Empty in what anybody may read. */
  readonly reason: string;
  /** Who logged in, whoever they became since. */
  readonly uid: number;
  /** Their name; empty where the number has none. */
  readonly user: string;
  /** `RULE: VULNERABILITY` or `RULE: PACKAGE`. */
  readonly refused: readonly string[];
}

/** What `deployment.json` says: facts that never change once the deployment is made. */
export interface DeploymentRecord {
  readonly id: string;
  /** Of the series; deployments of one name share `/var`. */
  readonly name: string;
  readonly createdSeconds: number;
  /** Digest of the image, lower-case hex. */
  readonly image: string;
  /** What was asked for as base (`oci://...`), and the digest of the image it was. */
  readonly base: DeploymentBase | undefined;
  /** The `version` of the spec. */
  readonly version: string | undefined;
  /** What the spec layers, as written there; packages from files apart. */
  readonly requestedPackages: readonly string[];
  readonly requestedLocalPackages: readonly string[];
  /** Names of packages of the base that the spec removes. */
  readonly baseRemovals: readonly string[];
  /** NAME_VERSION_ARCH of packages that replace those of the base. */
  readonly baseReplacements: readonly string[];
  /** NAME_VERSION_ARCH of every package that the layers brought. */
  readonly packages: readonly string[];
  /** Archives, `URI SUITE`, whose lists had expired when it was resolved, and counted. */
  readonly expiredArchives: readonly string[];
  /** Of those, packages whose scripts had a network: the image is not reproducible by their doing. */
  readonly packagesWithNetwork: readonly string[];
  /** What the spec adds to the kernel's command line, in its order. */
  readonly kernelArguments: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** What the spec says under `security`. */
  readonly verity: VerityPolicy;
  /** What its build warned of, those known before, too; undefined when the build was not asked. */
  readonly warnings: readonly LastingWarning[] | undefined;
  /** The rules that it was made against. */
  readonly forcedPolicy?: ForcedPolicy | undefined;
  /** The stages that its packages were installed in, from the first; none where that is not known. */
  readonly stages: readonly StageRecord[];
  /** What the user typed. */
  readonly commandLine: string;
  /** Id of the transaction that made it. */
  readonly transaction: string;
}

/** A deployment where it stands in the boot order. */
export interface Deployment extends DeploymentRecord {
  /** 0 is what the next boot takes. */
  readonly index: number;
  readonly booted: boolean;
  /** Written, but it gets its /etc and its boot entry at shutdown. */
  readonly staged: boolean;
  /** It has its /etc, so that it could be booted; only a staged one may not. */
  readonly finalized: boolean;
  /** It did not come up when it was tried. */
  readonly bad: boolean;
  readonly pinned: boolean;
}
