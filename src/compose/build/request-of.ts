import type { AptRequest } from '../../apt/index.ts';
import { assertNever } from '../../errors/index.ts';
import type { Lock } from '../lock/index.ts';
import {
  type DebRequest,
  isDebRequest,
  type Override,
  type PackageRequest,
  packageKey,
  type Spec,
} from '../spec/index.ts';

export interface RequestSources {
  /** Versions to keep to. */
  readonly lock: Lock | undefined;
  /** Where each .deb is that the spec gives by itself. */
  readonly pathOf: (deb: DebRequest) => string;
  /** Whether the base has a package, `NAME` or `NAME:ARCH`. */
  readonly isInBase: (name: string) => boolean;
  /** dpkg's name of the system's own architecture. */
  readonly native: string;
}

/**
 * What apt is asked for a spec. An override of a version or a suite is asked for where the base or a layer has the package;
 * for what others pull in, a pin says the same (`pinsOf`).
 */
export function requestOf(spec: Spec, { lock, pathOf, isInBase, native }: RequestSources): AptRequest {
  const overrides = new Map(spec.overrides.map(one => [one.package, one]));
  const install = new Map<string, string>();
  for (const request of spec.layers)
    if (!isDebRequest(request) && !isSatisfied(request, isInBase))
      install.set(packageKey(request), aptArgument(request));
  for (const name of multiArchRequests(spec, native))
    if (!install.has(name) && !isInBase(name)) install.set(name, name);
  for (const [name, override] of overrides)
    if (install.has(name) || isInBase(name)) {
      const argument = overrideArgument(override);
      if (argument !== undefined) install.set(name, argument);
    }
  for (const { package: name, kind } of spec.overrides) if (kind === 'with') install.delete(name);
  const debs = [
    ...spec.layers.filter(isDebRequest),
    ...spec.overrides.flatMap(one => (one.kind === 'with' ? one.debs : [])),
  ];
  const removed = spec.overrides.flatMap(one => (one.kind === 'remove' ? [one.package] : []));
  return {
    install: [...install.values()],
    files: [...new Set(debs.map(pathOf))],
    remove: [...new Set([...spec.remove, ...removed])],
    withoutRecommends: !spec.recommends,
    prefer: (lock?.packages ?? [])
      .filter(({ name }) => !overrides.has(name))
      .map(({ name, architecture, version }) => ({ name, architecture, version })),
  };
}

/** apt would upgrade a package of the base that is asked for by name; its version is the base's affair. */
function isSatisfied(request: PackageRequest, isInBase: RequestSources['isInBase']): boolean {
  return request.kind === 'name' && isInBase(packageKey(request));
}

/** Packages that `multi-arch` asks for, `NAME:ARCH`. */
export function multiArchRequests({ multiArch }: Pick<Spec, 'multiArch'>, native: string): string[] {
  if (!multiArch.enabled) return [];
  return multiArch.packages.flatMap(({ package: name, architecture }) =>
    (architecture === undefined ? multiArch.architectures : [architecture]).map(one =>
      one === native ? name : `${name}:${one}`,
    ),
  );
}

function overrideArgument(override: Override): string | undefined {
  switch (override.kind) {
    case 'version':
      return `${override.package}=${override.version}`;
    case 'suite':
      return `${override.package}/${override.suite}`;
    default:
      return undefined;
  }
}

/** What apt is asked for a request. */
export function aptArgument(request: Exclude<PackageRequest, DebRequest>): string {
  const name = packageKey(request);
  switch (request.kind) {
    case 'name':
      return name;
    case 'version':
      return `${name}=${request.version}`;
    case 'suite':
      return `${name}/${request.suite}`;
    default:
      return assertNever(request);
  }
}
