import type { FilePolicies } from '../../layer/index.ts';
import { type Lock, lockedAt } from '../lock/index.ts';
import { packageKey, type Spec } from '../spec/index.ts';

interface PolicySources {
  readonly spec: Spec;
  readonly lock: Lock;
  /** What the spec calls the file at a path. */
  readonly originOf: (path: string) => string;
}

/** What a spec says about permissions and conflicts of files: of all packages, of single ones, and in which order they win. */
export function filePolicies({ metadata, layerPolicies, layers }: Spec): FilePolicies {
  return {
    all: {
      preservePermissions: metadata.preservePermissions,
      conflictResolution: metadata.conflictResolution,
    },
    packages: new Map(
      layerPolicies.map(({ package: name, preservePermissions, conflictResolution }) => [
        name,
        {
          ...(preservePermissions === undefined ? {} : { preservePermissions }),
          ...(conflictResolution === undefined ? {} : { conflictResolution }),
        },
      ]),
    ),
    order: layers.map(packageKey),
  };
}

/** The spec with policies of files under the names of their packages. */
export function withNamedPolicies({ spec, lock, originOf }: PolicySources): Spec {
  const names = new Map(
    spec.layers.flatMap(request => {
      const found = request.kind === 'file' ? lockedAt(lock, originOf(request.path)) : undefined;
      return request.kind === 'file' && found !== undefined ? [[request.path, found.name] as const] : [];
    }),
  );
  return {
    ...spec,
    layerPolicies: spec.layerPolicies.map(one => ({
      ...one,
      package: names.get(one.package) ?? one.package,
    })),
  };
}
