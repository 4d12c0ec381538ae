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
  /** Boot order of a sysroot without a boot loader. */
  readonly bootOrder: string;
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
  };
}
