import { type ImageReference, renderImageReference } from '../formats/reference/index.ts';
import type { Host } from '../host/index.ts';
import { authFileFor } from './auth-file.ts';

/** How skopeo writes a reference. A tag beside a digest says nothing more, and skopeo takes one of them alone. */
export function forSkopeo(reference: ImageReference): string {
  if (reference.transport !== 'registry') return renderImageReference(reference);
  const { registry, repository, tag, digest } = reference;
  const name = `${registry}/${repository}`;
  return digest === undefined ? `docker://${name}:${tag ?? 'latest'}` : `docker://${name}@${digest}`;
}

/** The options by which skopeo reaches a registry; `side` is `src-` or `dest-` of `copy`. Nothing for other places. */
export function accessOptions(host: Host, reference: ImageReference, side: '' | 'src-' | 'dest-'): string[] {
  if (reference.transport !== 'registry') return [];
  const { tlsVerify } = host.registries;
  const authFile = authFileFor(host, reference.registry);
  return [
    ...(tlsVerify === undefined ? [] : [`--${side}tls-verify=${tlsVerify}`]),
    ...(authFile === undefined ? [] : [`--${side}authfile`, authFile]),
  ];
}
