import type { Host } from '../host/index.ts';

/**
 * A sysroot that is read, without the lock: what is read may be old by the time it is used. What changes a sysroot, or
 * starts a change from what it reads, takes a `Transaction`, which is one too.
 */
export interface Sysroot {
  readonly host: Host;
  /** Absolute path; need not exist yet. */
  readonly sysroot: string;
}

/** Where the mutable state of a sysroot lives. The tree is described in docs/architecture.md, "On disk". */
export interface StatePaths {
  /** Everything below is in here. */
  readonly state: string;
  /** State format version and feature sets. */
  readonly version: string;
  /** A directory: flock is taken on it, and `holder.json` in it names who has it. */
  readonly lock: string;
  readonly holder: string;
  readonly transactions: string;
  /** One directory per deployment. */
  readonly deployments: string;
  /** One directory per deployment name, with the shared `var`. */
  readonly names: string;
  /** The boot order: what the entries of a boot loader are made from. */
  readonly bootOrder: string;
  /** How the sysroot is booted; missing where no boot loader boots it. */
  readonly bootloader: string;
  /** What of it anybody may read. */
  readonly publicBootloader: string;
  /** The deployment that is made but waits for the shutdown, if any. */
  readonly staged: string;
  /** Space that is kept for changes on a full disk. */
  readonly reserve: string;
  /** Images that did not boot. */
  readonly badImages: string;
}

export function statePaths(sysroot: string): StatePaths {
  const state = `${sysroot}/state`;
  return {
    state,
    version: `${state}/version`,
    lock: `${state}/lock`,
    holder: `${state}/lock/holder.json`,
    transactions: `${state}/transactions`,
    deployments: `${state}/deploy`,
    names: `${state}/os`,
    bootOrder: `${state}/boot.json`,
    bootloader: `${state}/bootloader.json`,
    publicBootloader: `${state}/bootloader-public.json`,
    staged: `${state}/staged.json`,
    reserve: `${state}/reserve`,
    badImages: `${state}/bad-images.json`,
  };
}
