import type { Agent, ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import type { Socket } from 'node:net';
import { AptLayerError } from '../../errors/index.ts';
import { basicAuthorization, findLogin } from './netrc.ts';
import type { FetchSettings } from './settings.ts';

/** Answers to GET requests; the body is read by the caller. */
export interface HttpClient {
  get(url: URL, headers: Readonly<Record<string, string>>): Promise<IncomingMessage>;
  /** Ends all connections. */
  close(): void;
}

const REDIRECTS_MAX = 10;

/** Connections of one address and one proxy are kept and shared; `signal` ends all that is under way. */
export function httpClient(
  settings: FetchSettings,
  options: { connections: number; signal: AbortSignal },
): HttpClient {
  const http = process.getBuiltinModule('node:http');
  const https = process.getBuiltinModule('node:https');
  const agents = {
    'http:': new http.Agent({ keepAlive: true, maxSockets: options.connections }),
    'https:': new https.Agent({
      keepAlive: true,
      maxSockets: options.connections,
      ...(settings.authorities === undefined ? {} : { ca: settings.authorities }),
    }),
  };
  const get = async (
    url: URL,
    headers: Readonly<Record<string, string>>,
    redirects = 0,
  ): Promise<IncomingMessage> => {
    const response = await send(url, headers, { settings, agents, signal: options.signal });
    const { location } = response.headers;
    const isRedirect = [301, 302, 303, 307, 308].includes(response.statusCode ?? 0);
    if (!isRedirect || location === undefined) return response;
    response.resume();
    if (redirects >= REDIRECTS_MAX) throw refusedRedirect(url, 'redirects without end');
    const target = redirectTarget(url, location);
    // A password is for the server that it was given for.
    const kept =
      target.host === url.host
        ? headers
        : Object.fromEntries(Object.entries(headers).filter(([name]) => name !== 'Authorization'));
    return get(target, kept, redirects + 1);
  };
  return {
    get,
    close() {
      agents['http:'].destroy();
      agents['https:'].destroy();
    },
  };
}

function redirectTarget(url: URL, location: string): URL {
  const target = URL.canParse(location, url.href) ? new URL(location, url.href) : undefined;
  if (target === undefined || !['http:', 'https:'].includes(target.protocol))
    throw refusedRedirect(url, 'redirects to something that is no web address');
  if (url.protocol === 'https:' && target.protocol === 'http:')
    throw refusedRedirect(url, 'redirects from https to http');
  return target;
}

function refusedRedirect(url: URL, what: string): AptLayerError {
  return new AptLayerError('NETWORK', `${shown(url)} ${what}`, { hint: 'use another mirror' });
}

/** An address for messages: without user and password. */
export function shown(url: URL): string {
  const copy = new URL(url.href);
  copy.username = '';
  copy.password = '';
  return copy.href;
}

interface Sending {
  readonly settings: FetchSettings;
  readonly agents: { readonly 'http:': Agent; readonly 'https:': Agent };
  readonly signal: AbortSignal;
}

async function send(
  url: URL,
  headers: Readonly<Record<string, string>>,
  { settings, agents, signal }: Sending,
): Promise<IncomingMessage> {
  const proxy = settings.proxyFor(url);
  const login =
    url.username === ''
      ? findLogin(settings.logins, url)
      : { user: decodeURIComponent(url.username), password: decodeURIComponent(url.password) };
  const options: RequestOptions = {
    agent: agents[url.protocol as keyof typeof agents],
    signal,
    headers: {
      'User-Agent': 'apt-layer',
      'Accept-Encoding': 'identity',
      ...(login === undefined ? {} : { Authorization: basicAuthorization(login) }),
      ...headers,
    },
  };
  const module = process.getBuiltinModule(url.protocol === 'https:' ? 'node:https' : 'node:http');
  if (proxy === undefined) return answer(module.get(bare(url), options), settings);
  const proxyLogin = findLogin(settings.proxyLogins, proxy);
  const proxyHeaders =
    proxyLogin === undefined ? {} : { 'Proxy-Authorization': basicAuthorization(proxyLogin) };
  if (url.protocol === 'http:')
    return answer(
      process.getBuiltinModule('node:http').get({
        ...options,
        host: proxy.hostname,
        port: proxy.port || 80,
        path: shown(url),
        headers: { ...options.headers, ...proxyHeaders, Host: url.host },
      }),
      settings,
    );
  const socket = await tunnel(url, { proxy, headers: proxyHeaders, settings, signal });
  const tls = process.getBuiltinModule('node:tls');
  const { agent: _, ...direct } = options;
  return answer(
    module.get(bare(url), {
      ...direct,
      createConnection: () =>
        tls.connect({
          socket,
          servername: url.hostname,
          ...(settings.authorities === undefined ? {} : { ca: settings.authorities }),
        }),
    }),
    settings,
  );
}

function bare(url: URL): URL {
  return new URL(shown(url));
}

/** A connection through a proxy to the server of an https address. */
function tunnel(
  url: URL,
  by: { proxy: URL; headers: Readonly<Record<string, string>>; settings: FetchSettings; signal: AbortSignal },
): Promise<Socket> {
  const { proxy, headers, settings, signal } = by;
  const port = url.port === '' ? '443' : url.port;
  const request = process.getBuiltinModule('node:http').request({
    method: 'CONNECT',
    host: proxy.hostname,
    port: proxy.port || 80,
    path: `${url.hostname}:${port}`,
    headers,
    signal,
  });
  return new Promise((resolve, reject) => {
    request.setTimeout(settings.timeoutSeconds * 1000, () => request.destroy(timedOut()));
    request.on('error', reject);
    request.on('connect', (response, socket) => {
      if (response.statusCode === 200) resolve(socket);
      else {
        socket.destroy();
        reject(new AptLayerError('NETWORK', `the proxy ${proxy.host} refuses: ${response.statusCode}`));
      }
    });
    request.end();
  });
}

function answer(request: ClientRequest, settings: FetchSettings): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    // Also for the body: it counts the seconds in which nothing comes.
    request.setTimeout(settings.timeoutSeconds * 1000, () => request.destroy(timedOut()));
    request.on('error', reject);
    request.on('response', resolve);
  });
}

function timedOut(): Error {
  return Object.assign(new Error('nothing came for too long'), { code: 'ETIMEDOUT' });
}
