import type { DeploymentRecord } from './model.ts';

/** Requests that brought nothing, because the base has the package: they count again when a base does not. */
export function inactiveRequests({
  requestedPackages,
  packages,
}: Pick<DeploymentRecord, 'requestedPackages' | 'packages'>): string[] {
  const layered = new Set(
    packages.flatMap(text => {
      const [name = '', , architecture = ''] = text.split('_');
      return [name, `${name}:${architecture}`];
    }),
  );
  return requestedPackages.filter(request => !layered.has(request.replace(/[=/].*$/, '')));
}
