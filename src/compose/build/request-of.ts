import type { AptRequest } from '../../apt/index.ts';
import { assertNever } from '../../errors/index.ts';
import type { Lock } from '../lock/index.ts';
import type { PackageRequest, Spec } from '../spec/index.ts';

/** What apt is asked for a spec; with a lock, its versions are preferred. */
export function requestOf(spec: Spec, lock: Lock | undefined): AptRequest {
  return {
    install: spec.layers.flatMap(request => (request.kind === 'file' ? [] : [aptArgument(request)])),
    files: spec.layers.flatMap(request => (request.kind === 'file' ? [request.path] : [])),
    remove: spec.remove,
    prefer: (lock?.packages ?? []).map(({ name, architecture, version }) => ({
      name,
      architecture,
      version,
    })),
  };
}

function aptArgument(request: Exclude<PackageRequest, { kind: 'file' }>): string {
  const name = request.architecture === undefined ? request.name : `${request.name}:${request.architecture}`;
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
