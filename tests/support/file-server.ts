import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';

/** What can go wrong with one answer. */
export type ServerFault =
  | { readonly status: 404 | 500 | 503 }
  /** Sends this many bytes of the body, then drops the connection. */
  | { readonly cutAfterBytes: number }
  | { readonly bytesPerSecond: number }
  /** Takes the request and never answers. */
  | { readonly hang: true }
  /** Sends these bytes instead of the file's. */
  | { readonly body: Buffer };

export interface SeenRequest {
  readonly method: string;
  /** Decoded path of the URL, with its leading slash. */
  readonly path: string;
  /** First byte asked for, when the client resumes. */
  readonly from: number | undefined;
}

/** A web server for one directory on 127.0.0.1, at a port of the kernel's choice. */
export interface FileServer extends AsyncDisposable {
  /** Without a slash at the end. */
  readonly url: string;
  /** Every request so far, in order. */
  readonly requests: readonly SeenRequest[];
  /** How many requests had a path that matches. */
  count(path: RegExp): number;
  forgetRequests(): void;
  /** From now on answers for matching paths go wrong, the first `times` of them (default: all). */
  fault(path: RegExp, fault: ServerFault, times?: number): void;
  clearFaults(): void;
}

interface PlannedFault {
  readonly path: RegExp;
  readonly fault: ServerFault;
  left: number;
}

const CHUNK_BYTES = 16 * 1024;

/**
 * Serves `directory`, with `If-Modified-Since` and `Range` as apt uses them. It runs in the test's own process,
 * so what fetches from it must be awaited, never run with a synchronous spawn.
 */
export async function fileServer(directory: string): Promise<FileServer> {
  const requests: SeenRequest[] = [];
  const planned: PlannedFault[] = [];
  const server = http.createServer((request, response) => {
    const seen = describe(request);
    requests.push(seen);
    const plan = planned.find(one => one.left > 0 && one.path.test(seen.path));
    if (plan !== undefined) plan.left -= 1;
    answer(path.join(directory, seen.path), { seen, request, response, fault: plan?.fault });
  });
  await new Promise<void>(resolve => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the test server has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    count: wanted => requests.filter(seen => wanted.test(seen.path)).length,
    forgetRequests: () => requests.splice(0),
    fault: (wanted, fault, times = Number.POSITIVE_INFINITY) =>
      planned.unshift({ path: wanted, fault, left: times }),
    clearFaults: () => planned.splice(0),
    [Symbol.asyncDispose]: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function describe(request: http.IncomingMessage): SeenRequest {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  const range = /^bytes=(\d+)-/.exec(request.headers.range ?? '');
  return {
    method: request.method ?? '',
    // `new URL` has resolved plain `..` already; encoded ones become part of a name that does not exist.
    path: decodeURIComponent(url.pathname).replaceAll('/../', '/%2E%2E/'),
    from: range === null ? undefined : Number(range[1]),
  };
}

interface Exchange {
  readonly seen: SeenRequest;
  readonly request: http.IncomingMessage;
  readonly response: http.ServerResponse;
  readonly fault: ServerFault | undefined;
}

function answer(file: string, exchange: Exchange): void {
  const { seen, request, response, fault } = exchange;
  if (fault !== undefined && 'hang' in fault) return;
  const stat = fs.statSync(file, { throwIfNoEntry: false });
  const modified = Math.floor((stat?.mtimeMs ?? 0) / 1000) * 1000;
  const fresh = Date.parse(request.headers['if-modified-since'] ?? '') >= modified;
  if (fault !== undefined && 'status' in fault) response.writeHead(fault.status).end();
  else if (!stat?.isFile()) response.writeHead(404).end();
  else if (fresh) response.writeHead(304).end();
  else {
    const whole = fault !== undefined && 'body' in fault ? fault.body : fs.readFileSync(file);
    response.setHeader('Last-Modified', new Date(modified).toUTCString());
    response.setHeader('Accept-Ranges', 'bytes');
    if (seen.from === undefined) send(exchange, 200, whole);
    else if (seen.from >= whole.length) response.writeHead(416).end();
    else {
      response.setHeader('Content-Range', `bytes ${seen.from}-${whole.length - 1}/${whole.length}`);
      send(exchange, 206, whole.subarray(seen.from));
    }
  }
}

function send({ seen, response, fault }: Exchange, status: number, body: Buffer): void {
  response.writeHead(status, { 'Content-Length': body.length });
  if (seen.method === 'HEAD') response.end();
  else if (fault !== undefined && 'cutAfterBytes' in fault)
    response.write(body.subarray(0, fault.cutAfterBytes), () => response.destroy());
  else if (fault !== undefined && 'bytesPerSecond' in fault) trickle(response, body, fault.bytesPerSecond);
  else response.end(body);
}

function trickle(response: http.ServerResponse, body: Buffer, bytesPerSecond: number): void {
  const chunk = Math.min(CHUNK_BYTES, Math.max(1, Math.floor(bytesPerSecond / 10)));
  let sent = 0;
  const timer = setInterval(
    () => {
      if (sent >= body.length || response.destroyed) {
        clearInterval(timer);
        response.end();
        return;
      }
      response.write(body.subarray(sent, sent + chunk));
      sent += chunk;
    },
    (chunk / bytesPerSecond) * 1000,
  );
}
