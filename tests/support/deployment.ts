import type { Deployment } from '../../src/deployment/index.ts';

/** A deployment for tests of pure code: named and numbered, everything else plain. */
export function someDeployment(index: number, parts: Partial<Deployment> = {}): Deployment {
  const id = parts.id ?? `web-2026010${index + 1}-000000`;
  return {
    id,
    name: 'web',
    createdSeconds: 1_767_225_600 - index,
    image: String(index).repeat(64),
    base: undefined,
    version: undefined,
    requestedPackages: [],
    requestedLocalPackages: [],
    baseRemovals: [],
    baseReplacements: [],
    packages: [],
    expiredArchives: [],
    packagesWithNetwork: [],
    kernelArguments: [],
    labels: {},
    verity: 'prefer',
    warnings: undefined,
    stages: [],
    commandLine: 'compose tree web.yaml',
    transaction: '20260101-000000-00000000',
    index,
    booted: false,
    staged: false,
    finalized: true,
    bad: false,
    pinned: false,
    ...parts,
  };
}

/** `count` of them, in boot order; `booted` is the index of the one that runs. */
export function someDeployments(count: number, booted?: number): Deployment[] {
  return Array.from({ length: count }, (_, index) => someDeployment(index, { booted: index === booted }));
}
