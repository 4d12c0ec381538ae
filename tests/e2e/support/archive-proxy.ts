import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { debianSources } from '../../support/host-apt.ts';

/** The archive that this machine uses, for machines in QEMU. */
export interface ArchiveProxy extends AsyncDisposable {
  /** A file for sources.list.d: one stanza for each mirror and part of the suite. */
  readonly sources: string;
  /** How many answers it gave for paths that match. */
  count(path: RegExp): number;
}

/** Where a machine in QEMU finds its host's loopback. */
const HOST = '10.0.2.2';

/** Passes requests on to the mirrors that this machine has for `suite`, as they come. */
export async function archiveProxy(suite: string): Promise<ArchiveProxy> {
  const lines = (await debianSources(suite)).map(line => line.split(' '));
  const mirrors = [...new Set(lines.map(([, uri = '']) => uri))];
  const seen: string[] = [];
  const server = http.createServer((request, response) => {
    const [, index = '', rest = ''] = /^\/(\d+)\/(.*)$/.exec(request.url ?? '') ?? [];
    const mirror = mirrors[Number(index)];
    seen.push(rest);
    if (mirror === undefined || index === '') response.writeHead(404).end();
    else forward(`${mirror}/${rest}`, request, response);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const stanzas = lines.map(([, uri = '', part, component]) =>
    [
      'Types: deb',
      `URIs: http://${HOST}:${port}/${mirrors.indexOf(uri)}`,
      `Suites: ${part}`,
      `Components: ${component}`,
      'Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg',
    ].join('\n'),
  );
  return {
    sources: `${stanzas.join('\n\n')}\n`,
    count: path => seen.filter(one => path.test(one)).length,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };
}

function forward(url: string, request: http.IncomingMessage, response: http.ServerResponse): void {
  const { host: _, connection: __, ...headers } = request.headers;
  const client = url.startsWith('https:') ? https : http;
  const outgoing = client.request(url, { method: request.method ?? 'GET', headers }, answer => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  outgoing.on('error', () => response.destroy());
  response.on('close', () => outgoing.destroy());
  outgoing.end();
}
