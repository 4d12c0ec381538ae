import type { IncomingMessage } from 'node:http';
import { AptLayerError } from '../../errors/index.ts';
import type { Host } from '../../host/index.ts';
import { readAcquireOptions } from '../acquire-options.ts';
import { isFetchable } from './fetch.ts';
import { httpClient, shown } from './http.ts';
import { fetchSettings } from './settings.ts';

/** By what a server knows that it has nothing newer (RFC 9110, 8.8). */
export interface Validators {
  readonly etag: string | undefined;
  readonly lastModified: string | undefined;
}

export interface DocumentRequest {
  readonly uri: string;
  /** The new file that gets the document, as the server sends it: it may be compressed. */
  readonly path: string;
  /** Of the copy that is at hand. */
  readonly known: Validators | undefined;
  readonly maxBytes: number;
  /** A server that needs longer for all of it counts as dead. */
  readonly maxMs: number;
}

/**
 * Fetches a document that no signature vouches for, with apt's proxies, logins and timeouts. `unchanged` when the server says that it is
 * the one at hand. NETWORK when it does not come, not in time or not whole; the file is then still to be removed.
 */
export async function fetchDocument(host: Host, request: DocumentRequest): Promise<Validators | 'unchanged'> {
  const settings = fetchSettings(host, await readAcquireOptions(host));
  const url = new URL(request.uri);
  const failed = (why: string, cause?: unknown) =>
    new AptLayerError('NETWORK', `cannot fetch ${shown(url)}: ${why}`, {
      hint: 'check the network and the proxy settings of apt',
      cause,
    });
  if (!isFetchable(request.uri, settings))
    throw failed(
      settings.unknown === undefined
        ? 'only http and https are known, and proxies that speak http'
        : `apt's setting ${settings.unknown} is not known here`,
    );
  const deadline = AbortSignal.timeout(request.maxMs);
  const signal = AbortSignal.any([host.signal, deadline]);
  const client = httpClient(settings, { connections: 1, signal });
  try {
    const response = await client.get(url, headersOf(request.known));
    if (response.statusCode === 304 && request.known !== undefined) return 'unchanged';
    if (response.statusCode !== 200) throw failed(`the server answers ${response.statusCode}`);
    await receive(host, response, request, failed);
    const { etag, 'last-modified': lastModified } = response.headers;
    return { etag, lastModified };
  } catch (error) {
    if (host.signal.aborted) throw new AptLayerError('INTERRUPTED', 'interrupted while fetching');
    if (deadline.aborted) throw failed(`it takes longer than ${Math.round(request.maxMs / 1000)} s`, error);
    if (error instanceof AptLayerError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    // What node says of a body that ends early, whoever ended it.
    throw failed(why === 'aborted' ? 'the connection ended before all of it was there' : why, error);
  } finally {
    client.close();
  }
}

function headersOf(known: Validators | undefined): Record<string, string> {
  return {
    'Accept-Encoding': 'gzip',
    ...(known?.etag === undefined ? {} : { 'If-None-Match': known.etag }),
    ...(known?.lastModified === undefined ? {} : { 'If-Modified-Since': known.lastModified }),
  };
}

async function receive(
  { sys }: Host,
  response: IncomingMessage,
  { path, maxBytes }: DocumentRequest,
  failed: (why: string) => AptLayerError,
): Promise<void> {
  const fd = sys.create(path, 0o600);
  try {
    let size = 0;
    for await (const piece of response as AsyncIterable<Buffer>) {
      size += piece.length;
      if (size > maxBytes) throw failed(`it is longer than ${maxBytes} bytes`);
      sys.write(fd, piece);
    }
    const announced = response.headers['content-length'];
    if (announced !== undefined && Number(announced) !== size)
      throw failed(`the connection ended after ${size} of ${announced} bytes`);
  } finally {
    sys.close(fd);
  }
}
