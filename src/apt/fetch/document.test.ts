import fs from 'node:fs';
import http from 'node:http';
import { expect, it } from 'vitest';
import { scratchDirectory, testHost } from '../../../tests/support/host.ts';
import type { Output, Runner } from '../../process/index.ts';
import { fetchDocument, type Validators } from './index.ts';

/** A host whose apt waits for a second at most. */
function impatientHost() {
  const host = testHost();
  const stdout = Buffer.from('Acquire::http::Timeout "1";\n');
  const run: Runner['run'] = async () =>
    ({ exitCode: 0, stdout, stderrTail: '', durationMs: 0 }) satisfies Output;
  return { ...host, runner: { ...host.runner, run } };
}

/** Fetches from a server that answers like this; resolves to what came, or the message. */
async function fetched(
  answer: http.RequestListener,
  more: { known?: Validators; maxMs?: number } = {},
): Promise<{ said: unknown; file: string }> {
  using scratch = scratchDirectory();
  const server = http.createServer(answer);
  await new Promise<void>(resolve => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as { port: number };
  const path = `${scratch.path}/document`;
  try {
    const said: unknown = await fetchDocument(impatientHost(), {
      ...{ uri: `http://127.0.0.1:${port}/data`, path, known: more.known },
      ...{ maxBytes: 1000, maxMs: more.maxMs ?? 20_000 },
    }).catch((error: unknown) => error);
    return { said, file: fs.existsSync(path) ? fs.readFileSync(path, 'utf8') : '' };
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

it('brings what the server has, and how to ask for newer', async () => {
  const { said, file } = await fetched((_, response) => {
    response.setHeader('ETag', '"a"').end('text');
  });
  expect({ said, file }).toEqual({ said: { etag: '"a"', lastModified: undefined }, file: 'text' });
});

it('brings nothing when there is nothing newer', async () => {
  const asked: http.IncomingHttpHeaders[] = [];
  const { said } = await fetched(
    (request, response) => {
      asked.push(request.headers);
      response.writeHead(304).end();
    },
    { known: { etag: '"a"', lastModified: 'Mon, 01 Dec 2025 00:00:00 GMT' } },
  );
  expect(said).toBe('unchanged');
  expect(asked[0]).toMatchObject({
    'if-none-match': '"a"',
    'if-modified-since': 'Mon, 01 Dec 2025 00:00:00 GMT',
  });
});

it.each<[string, http.RequestListener, RegExp]>([
  ['is not there', (_, response) => response.writeHead(404).end(), /the server answers 404/],
  ['is unchanged, though nobody has it', (_, response) => response.writeHead(304).end(), /answers 304/],
  ['never answers', () => undefined, /nothing came for too long/],
  [
    'stops in the middle',
    (_, response) => {
      response.writeHead(200, { 'Content-Length': 100 });
      response.write('half');
    },
    /the connection ended before all of it was there/,
  ],
  [
    'hangs up in the middle',
    (_, response) => {
      response.writeHead(200, { 'Content-Length': 100 });
      response.write('half', () => response.destroy());
    },
    /the connection ended before all of it was there/,
  ],
  ['sends too much', (_, response) => response.end('x'.repeat(1001)), /longer than 1000 bytes/],
])('a server that %s is an error of the network', async (_, answer, message) => {
  const { said } = await fetched(answer);
  expect(said).toMatchObject({ code: 'NETWORK', message: expect.stringMatching(message) as string });
});

it('a server that sends a little now and then is given up', async () => {
  const timers: NodeJS.Timeout[] = [];
  const { said } = await fetched(
    (_, response) => {
      timers.push(setInterval(() => response.write('x'), 50));
    },
    { maxMs: 400 },
  );
  for (const timer of timers) clearInterval(timer);
  expect(said).toMatchObject({
    code: 'NETWORK',
    message: expect.stringMatching(/takes longer than 0 s/) as string,
  });
});
