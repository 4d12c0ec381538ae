import type { PackageRecord } from '../../apt/index.ts';
import type { JsonObject } from '../../transaction/index.ts';
import type { Distribution } from '../../vulnerabilities/index.ts';
import type { KernelArgument } from '../kernel-arguments.ts';
import type { DeploymentRecord } from '../model.ts';

/** What of a spec and of a lock anybody may read; undefined for one that cannot be read. The formats belong to compose/. */
export interface PublicOrigin {
  readonly spec: JsonObject | undefined;
  readonly lock: JsonObject | undefined;
}

/** The same, with what is only looked at: it is not recorded. */
export interface RedactedOrigin extends PublicOrigin {
  /** Addresses of packages, whole, by `NAME:ARCH`. */
  readonly addresses?: ReadonlyMap<string, string>;
}

/** A package of a deployment. */
export interface RecordedPackage extends PackageRecord {
  /** The base image has it, in this version or another. */
  readonly isInBase: boolean;
  /** Who brought it: `base`, `file` for a .deb of the building machine, or the host of the archive. */
  readonly origin: string;
  /** Whose package it is, as archives have it in their `Origin`: `Debian`. Empty where that is not known. */
  readonly vendor: string;
  /** The stage that brought it, of several. */
  readonly stage?: number | undefined;
}

/** What anybody may know of a deployment: `public.json` beside it. Nothing in it is a secret. */
export interface PublicRecord extends PublicOrigin {
  /** As in `deployment.json`, without secrets. */
  readonly deployment: DeploymentRecord;
  /** What the image and the spec add to the kernel's command line. */
  readonly kernelArguments: readonly KernelArgument[];
  /** By the os-release of the image; undefined when the image could not be read, or an older program made the record. */
  readonly distribution: Distribution | undefined;
  /** By name, then architecture; undefined when the image could not be read. */
  readonly packages: readonly RecordedPackage[] | undefined;
}
