import { AptLayerError } from '../../errors/index.ts';
import type { Host } from '../../host/index.ts';
import { httpClient, shown } from './http.ts';
import type { FetchSettings } from './settings.ts';

/** A small text from the web; NETWORK when it does not come, or is longer than `maxBytes`. */
export async function fetchText(
  host: Host,
  uri: string,
  { settings, maxBytes }: { readonly settings: FetchSettings; readonly maxBytes: number },
): Promise<string> {
  const url = new URL(uri);
  const client = httpClient(settings, { connections: 1, signal: host.signal });
  const failed = (why: string, cause?: unknown) =>
    new AptLayerError('NETWORK', `cannot fetch ${shown(url)}: ${why}`, {
      hint: 'check the network and the proxy settings of apt',
      cause,
    });
  try {
    const response = await client.get(url, {});
    if (response.statusCode !== 200) throw failed(`the server answers ${response.statusCode}`);
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of response as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > maxBytes) throw failed(`it is longer than ${maxBytes} bytes`);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString('latin1');
  } catch (error) {
    if (error instanceof AptLayerError) throw error;
    throw failed(error instanceof Error ? error.message : String(error), error);
  } finally {
    client.close();
  }
}
