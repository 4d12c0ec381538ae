import { AptLayerError } from '../../errors/index.ts';
import type { Host } from '../../host/index.ts';
import type { AcquireOptions } from '../acquire-options.ts';
import { fetchSettings, fetchText } from '../fetch/index.ts';
import { firstMirror, type SignedSource } from '../image-sources.ts';
import { isLocalHost, parseAddress } from '../sources/index.ts';

const LIST_MAX_BYTES = 256 * 1024;

/**
 * The sources with the first mirror of each list of mirrors (apt-transport-mirror(1)) in its place. What a list names is no
 * address that the spec or the host vouch for: NETWORK for one that is not http or https on a public host.
 */
export function expandMirrors(
  host: Host,
  sources: readonly SignedSource[],
  acquire: AcquireOptions,
): Promise<SignedSource[]> {
  return Promise.all(
    sources.map(async source => ({
      ...source,
      uris: await Promise.all(source.uris.map(uri => expanded(host, { uri, source, acquire }))),
    })),
  );
}

async function expanded(
  host: Host,
  { uri, source, acquire }: { uri: string; source: SignedSource; acquire: AcquireOptions },
): Promise<string> {
  const list = /^mirror(?:\+(https?))?:(\/\/.*)$/.exec(uri);
  if (list === null) return uri;
  const url = `${list[1] ?? 'http'}:${list[2]}`;
  const text = await fetchText(host, url, {
    settings: fetchSettings(host, acquire),
    maxBytes: LIST_MAX_BYTES,
  });
  const mirror = firstMirror(text) ?? '';
  const address = parseAddress(mirror);
  const listHost = parseAddress(url)?.host;
  const isUsable =
    address !== undefined &&
    ['http:', 'https:'].includes(address.scheme) &&
    (!isLocalHost(address.host) || address.host === listHost);
  if (isUsable) return mirror;
  throw new AptLayerError('NETWORK', `${source.where}: ${url} is no list of mirrors that can be used`, {
    hint: `name a mirror instead, or leave the source out: --disable-repo ${source.name}`,
    details: { source: source.where, uri: url },
  });
}
