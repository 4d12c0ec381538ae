/**
 * Who wins where a package has something else at a path than what is there: `keep-latest`, the one that comes later;
 * `keep-base`, what was there before; `fail`, nobody: the packages are refused.
 */
export type ConflictResolution = 'keep-latest' | 'keep-base' | 'fail';

/** What holds for the files of one package. */
export interface FilePolicy {
  /** Whether its files keep the owners, modes and extended attributes that it ships. */
  readonly preservePermissions: boolean;
  /** Undefined: dpkg's rules, which refuse a file of another package and silently settle all else. */
  readonly conflictResolution: ConflictResolution | undefined;
}

/** Policies of all layered packages, and of single ones. */
export interface FilePolicies {
  readonly all: FilePolicy;
  /** By `NAME` or `NAME:ARCH`, which comes first; what is absent is taken from `all`. */
  readonly packages: ReadonlyMap<string, Partial<FilePolicy>>;
  /**
   * Names of layers, `NAME` or `NAME:ARCH`, in the order in which they come. What is not among them comes before all
   * of them: it was pulled in by one.
   */
  readonly order: readonly string[];
}

/** Everything as dpkg does it. */
export const DPKG_POLICIES: FilePolicies = {
  all: { preservePermissions: true, conflictResolution: undefined },
  packages: new Map(),
  order: [],
};

interface Named {
  readonly name: string;
  readonly architecture: string;
}

/** The policy of one package. */
export function policyOf(policies: FilePolicies, { name, architecture }: Named): FilePolicy {
  const general = policies.packages.get(name);
  const exact = policies.packages.get(`${name}:${architecture}`);
  return {
    preservePermissions:
      exact?.preservePermissions ?? general?.preservePermissions ?? policies.all.preservePermissions,
    conflictResolution:
      exact?.conflictResolution ?? general?.conflictResolution ?? policies.all.conflictResolution,
  };
}

/** Where a package comes in the order of layers: 0 for what layers pull in, else from 1. */
export function rankOf({ order }: FilePolicies, { name, architecture }: Named): number {
  return 1 + order.findIndex(layer => layer === name || layer === `${name}:${architecture}`);
}

/** Whether any package has a policy for conflicts other than dpkg's. */
export function settlesConflicts({ all, packages }: FilePolicies): boolean {
  return (
    all.conflictResolution !== undefined ||
    [...packages.values()].some(policy => policy.conflictResolution !== undefined)
  );
}
