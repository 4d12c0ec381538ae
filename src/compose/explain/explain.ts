import {
  type Deployment,
  type DeploymentBase,
  recordedPackages,
  selectDeployment,
} from '../../deployment/index.ts';
import { AptLayerError } from '../../errors/index.ts';
import type { Sysroot } from '../../transaction/index.ts';
import { multiArchRequests } from '../build/index.ts';
import { type PackageSpec, packageSpecOf } from '../public/index.ts';
import { isDebRequest, packageKey } from '../spec/index.ts';
import { dependencyGraph, type InstalledNode, type Need, shortestPath } from './graph.ts';

/** Why a package is in a deployment. */
export interface Explanation {
  readonly deployment: string;
  readonly package: string;
  readonly architecture: string;
  readonly version: string;
  /** It is part of the base image, in this version or another. */
  readonly isInBase: boolean;
  /** The stage that brought it, from 1; null where all packages came at once. */
  readonly stage: number | null;
  /** How many stages there are. */
  readonly stages: number;
  /** What that is, and how it was checked where it came from a registry; null where the package is not of the base. */
  readonly base: Pick<DeploymentBase, 'request' | 'check'> | null;
  /** The request or override of the spec that names it itself; null when none does. */
  readonly request: string | null;
  /** From requests of the spec down to it, shortest first; each step says what it needs the next one for. */
  readonly paths: readonly (readonly {
    readonly package: string;
    readonly field: Need['field'] | null;
    readonly needs: string | null;
  }[])[];
}

const PATHS_MAX = 5;

/** Says why `name` (NAME or NAME:ARCH) is in a deployment. NOT_FOUND when it is not. */
export function explainPackage(
  at: Sysroot,
  asked: { readonly name: string; readonly deployment: string | undefined },
): Explanation {
  const deployment = selectDeployment(at, asked.deployment ?? '0');
  const packages = recordedPackages(at, deployment);
  const graph = dependencyGraph(packages.values());
  const found = findNode(graph, asked.name, at.host.architecture);
  if (found === undefined)
    throw new AptLayerError('NOT_FOUND', `${asked.name} is not installed in ${deployment.id}`, {
      hint: `\`apt-layer db list ${deployment.id}\` shows what is`,
    });
  const [key, node] = found;
  const spec = packageSpecOf(at, deployment.id);
  return {
    deployment: deployment.id,
    package: node.name,
    architecture: node.architecture,
    version: node.version,
    isInBase: packages.get(key)?.isInBase === true,
    stage: packages.get(key)?.stage ?? null,
    stages: deployment.stages.length,
    base: packages.get(key)?.isInBase === true ? baseOf(deployment) : null,
    request: requestFor(spec, node),
    paths: pathsTo(graph, requestedKeys(spec, graph, at.host.architecture), key),
  };
}

function baseOf({ base }: Deployment): Explanation['base'] {
  if (base === undefined) return null;
  const { request, check } = base;
  return { request, ...(check !== undefined && { check }) };
}

function findNode(
  graph: ReadonlyMap<string, InstalledNode>,
  name: string,
  native: string,
): readonly [string, InstalledNode] | undefined {
  const entries = [...graph];
  return (
    entries.find(([key]) => key === name) ??
    entries.find(([key]) => key === `${name}:${native}` || key === `${name}:all`) ??
    entries.find(([, node]) => node.name === name)
  );
}

function requestFor(spec: PackageSpec, { name, architecture }: InstalledNode): string | null {
  const isIt = (text: string) => text === name || text === `${name}:${architecture}`;
  if (spec.layers.some(request => !isDebRequest(request) && isIt(packageKey(request)))) return 'layers';
  if (spec.overrides.some(one => isIt(one.package))) return 'overrides';
  if (spec.multiArch.packages.some(one => isIt(one.package))) return 'multi-arch';
  return null;
}

/** The packages, `NAME:ARCH`, that a spec names itself. */
export function requestedKeys(
  spec: PackageSpec,
  graph: ReadonlyMap<string, InstalledNode>,
  native: string,
): string[] {
  const names = spec.layers.flatMap(request => (isDebRequest(request) ? [] : [packageKey(request)]));
  return [...names, ...multiArchRequests(spec, native)].flatMap(name => {
    const found = findNode(graph, name, native);
    return found === undefined ? [] : [found[0]];
  });
}

function pathsTo(
  graph: ReadonlyMap<string, InstalledNode>,
  roots: readonly string[],
  target: string,
): Explanation['paths'] {
  return [...new Set(roots)]
    .filter(root => root !== target)
    .flatMap(root => {
      const path = shortestPath(graph, root, target);
      return path === undefined ? [] : [path];
    })
    .sort((a, b) => a.length - b.length)
    .slice(0, PATHS_MAX)
    .map(path =>
      path.map(({ key, need }) => ({
        package: graph.get(key)?.name ?? key,
        field: need?.field ?? null,
        needs: need?.text ?? null,
      })),
    );
}
