import { type Deployment, recordedPackages } from '../../deployment/index.ts';
import { AptLayerError } from '../../errors/index.ts';
import type { Sysroot } from '../../transaction/index.ts';
import { dependencyGraph, requestedKeys } from '../explain/index.ts';
import { type PackageSpec, packageSpecOf } from '../public/index.ts';

/** Which requests of the spec bring each package that the base does not have, by `NAME:ARCH`: those that need it, in any number of steps. None where the spec cannot be read. */
export function requestersIn(at: Sysroot, deployment: Deployment): Map<string, string[]> {
  const spec = specOf(at, deployment.id);
  if (spec === undefined) return new Map();
  const packages = recordedPackages(at, deployment);
  const graph = dependencyGraph(packages.values());
  const roots = requestedKeys(spec, graph, at.host.architecture);
  const found = new Map<string, string[]>();
  for (const root of new Set(roots)) {
    const reached = new Set([root]);
    for (const key of reached) for (const need of graph.get(key)?.needs ?? []) reached.add(need.key);
    for (const key of reached)
      if (packages.get(key)?.isInBase === false)
        found.set(key, [...(found.get(key) ?? []), graph.get(root)?.name ?? root]);
  }
  return found;
}

/** The files of OpenVEX that the spec of a deployment names. */
export function vexFilesOf(at: Sysroot, deployment: Deployment): readonly string[] {
  return specOf(at, deployment.id)?.security.vex ?? [];
}

function specOf(at: Sysroot, id: string): PackageSpec | undefined {
  try {
    return packageSpecOf(at, id);
  } catch (error) {
    if (!(error instanceof AptLayerError)) throw error;
    return undefined;
  }
}
