import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { execute, must } from '../../support/command.ts';
import { debianSources } from '../../support/host-apt.ts';

/** The archive that this machine uses, for machines in QEMU; at the same address for this machine itself. */
export interface ArchiveProxy extends AsyncDisposable {
  /** The address of the main archive; that of the security updates has `-security` after it. */
  readonly mirror: string;
  /** A file for sources.list.d: one stanza for each part of the suite. */
  readonly sources: string;
  /** The paths that were asked for since the last call. */
  seen(): string[];
}

/** Where a machine in QEMU finds its host's loopback; the host gets the address, too. */
const HOST = '10.0.2.2';

/** Passes requests on to the mirrors that this machine has for `suite`, as they come. */
export async function archiveProxy(suite: string): Promise<ArchiveProxy> {
  const lines = (await debianSources(suite)).map(line => line.split(' '));
  const place = (part: string) => (part.endsWith('-security') ? 'debian-security' : 'debian');
  const mirrors = new Map(lines.map(([, uri = '', part = '']) => [place(part), uri]));
  const seen: string[] = [];
  const answer: http.RequestListener = (request, response) => {
    const [, name = '', rest = ''] = /^\/([^/]+)\/(.*)$/.exec(request.url ?? '') ?? [];
    const mirror = mirrors.get(name);
    seen.push(rest);
    if (mirror === undefined) response.writeHead(404).end();
    else forward(`${mirror}/${rest}`, request, response);
  };
  const servers = [http.createServer(answer), http.createServer(answer)];
  await must('ip', ['address', 'replace', `${HOST}/32`, 'dev', 'lo']);
  const port = await listen(servers[0] as http.Server, '127.0.0.1', 0);
  await listen(servers[1] as http.Server, HOST, port);
  const address = `http://${HOST}:${port}`;
  const stanzas = lines.map(([, , part = '', component = '']) =>
    [
      'Types: deb',
      `URIs: ${address}/${place(part)}`,
      `Suites: ${part}`,
      `Components: ${component}`,
      'Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg',
    ].join('\n'),
  );
  return {
    mirror: `${address}/debian`,
    sources: `${stanzas.join('\n\n')}\n`,
    seen: () => seen.splice(0),
    async [Symbol.asyncDispose]() {
      for (const server of servers) {
        server.closeAllConnections();
        await new Promise(resolve => server.close(resolve));
      }
      await execute('ip', ['address', 'delete', `${HOST}/32`, 'dev', 'lo']);
    },
  };
}

async function listen(server: http.Server, host: string, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return (server.address() as AddressInfo).port;
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
