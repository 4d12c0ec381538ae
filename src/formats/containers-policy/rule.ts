import type { Policy, Rule } from './model.ts';

/**
 * The rule for an image of a transport. `scopes` are those that the image is in, the narrowest first: the first that the policy has decides
 * alone, then the default of the transport, then that of all.
 */
export function ruleFor(policy: Policy, transport: string, scopes: readonly string[]): Rule {
  const rules = policy.transports.get(transport);
  for (const scope of [...scopes, '']) {
    const requirements = rules?.get(scope);
    if (requirements !== undefined)
      return { name: scope === '' ? transport : `${transport} ${scope}`, requirements };
  }
  return { name: 'default', requirements: policy.default };
}

/**
 * The scopes of an image of a registry: itself, its repository and what that is in, then its host with `*` for the first parts of its name.
 * `image` is `HOST/PATH:TAG` or `HOST/PATH@DIGEST`, and `name` is `HOST/PATH`.
 */
export function registryScopes(image: string, name: string): string[] {
  const parts = name.split('/');
  const [host = ''] = parts;
  const above = parts.map((_, index) => parts.slice(0, parts.length - index).join('/'));
  const labels = host.replace(/:.*$/s, '').split('.').slice(1);
  return [image, ...above, ...labels.map((_, index) => `*.${labels.slice(index).join('.')}`)];
}

/** The scopes of a layout: its directory, whose path is absolute and has no links in it, and those above it but the root. */
export function layoutScopes(directory: string): string[] {
  const parts = directory.split('/').slice(1);
  return parts.map((_, index) => `/${parts.slice(0, parts.length - index).join('/')}`);
}
