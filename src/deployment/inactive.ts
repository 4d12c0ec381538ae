import type { DeploymentRecord } from './model.ts';

/** Requests that brought nothing, because the base has the package: they count again when a base does not. */
export function inactiveRequests({
  requestedPackages,
  packages,
}: Pick<DeploymentRecord, 'requestedPackages' | 'packages'>): string[] {
  const layered = new Set(
    packages.flatMap(text => {
      // Names may have a `_` of their own; versions and architectures have none.
      const [, name = '', architecture = ''] = /^(.*)_[^_]*_([^_]*)$/.exec(text) ?? [];
      return [name, `${name}:${architecture}`];
    }),
  );
  return requestedPackages.filter(request => !layered.has(request.replace(/[=/].*$/, '')));
}
