import type { FilePolicies } from '../../layer/index.ts';
import { packageKey, type Spec } from '../spec/index.ts';

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
