import { AptLayerError } from '../../errors/index.ts';
import { fetchSettings, fetchText } from '../fetch/index.ts';
import type { HostApt } from '../host-apt.ts';

const PAGE_MAX_BYTES = 1024 * 1024;

/**
 * NETWORK for an index that is no signed one because a web page came in its place, as networks do that want a login; another
 * error as it is. apt throws away what it got, so it is asked for again.
 */
export async function explainWebPage({ host, acquire }: HostApt, error: unknown): Promise<unknown> {
  if (!(error instanceof AptLayerError) || error.details?.['notSigned'] !== true) return error;
  const uri = String(error.details['uri'] ?? '');
  if (!/^https?:\/\//.test(uri) || !URL.canParse(uri)) return error;
  const settings = fetchSettings(host, acquire);
  const text = await fetchText(host, uri, { settings, maxBytes: PAGE_MAX_BYTES }).catch(() => '');
  if (!/^\s*<(?:!doctype|html|\?xml)/i.test(text)) return error;
  return new AptLayerError('NETWORK', `a web page came in place of ${uri}`, {
    hint: 'the network may want a login in a browser first',
    details: { uri },
    cause: error,
  });
}
