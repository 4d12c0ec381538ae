import { createHash } from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FetchFile, fetchFiles, fetchSettings, isFetchable } from '../../src/apt/fetch/index.ts';
import { type AcquireOptions, readAcquireOptions } from '../../src/apt/index.ts';
import { type FileServer, fileServer } from '../support/file-server.ts';
import { recordingReporter, testHost } from '../support/host.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary.ts';

let work: TemporaryDirectory;
let server: FileServer;
beforeAll(async () => {
  work = temporaryDirectory('fetch');
  fs.mkdirSync(work.join('served'));
  server = await fileServer(work.join('served'));
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await work[Symbol.asyncDispose]();
});

const NONE: AcquireOptions = {
  text: 'Acquire::Retries "2";\nAcquire::http::Timeout "2";\n',
  proxyPasswords: '',
  netrc: '/nonexistent/auth.conf',
  netrcParts: '/nonexistent/auth.conf.d',
  dates: {},
};

let made = 0;
/** A file on the server and where it is to go. */
function served(size: number, uri = (name: string) => `${server.url}/${name}`): FetchFile {
  made += 1;
  const name = `file-${made}.deb`;
  const bytes = Buffer.alloc(size, `${made} `);
  fs.writeFileSync(work.join('served', name), bytes);
  return {
    uri: uri(name),
    path: work.join(`got-${name}`),
    partial: work.join('partial', name),
    size,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  };
}

const fetch = (files: readonly FetchFile[], acquire: Partial<AcquireOptions> = {}, host = testHost()) =>
  fetchFiles(host, files, fetchSettings(host, { ...NONE, ...acquire }));
const requestsFor = (file: FetchFile) => server.requests.filter(({ path }) => file.uri.endsWith(path));
const isRight = (file: FetchFile) =>
  fs.existsSync(file.path) &&
  createHash('sha256').update(fs.readFileSync(file.path)).digest('hex') === file.sha256;

describe('fetching', () => {
  it('brings many files over several connections at once, says how far it is, and leaves no parts', async () => {
    let open = 0;
    let most = 0;
    const slow = http.createServer((request, response) => {
      open += 1;
      most = Math.max(most, open);
      setTimeout(() => {
        open -= 1;
        fs.createReadStream(work.join('served', request.url ?? '')).pipe(response);
      }, 20);
    });
    await new Promise<void>(resolve => slow.listen(0, '127.0.0.1', resolve));
    const files = Array.from({ length: 40 }, (_, index) =>
      served(1000 * (index + 1), name => `http://127.0.0.1:${(slow.address() as AddressInfo).port}/${name}`),
    );
    const report = recordingReporter();
    await fetch(files, {}, testHost({ report }));
    slow.close();
    expect(files.every(isRight)).toBe(true);
    expect(most).toBe(6);
    expect(fs.readdirSync(work.join('partial'))).toEqual([]);
    const last = report.events.findLast(event => event.type === 'progress');
    expect(last).toMatchObject({ done: 820_000, total: 820_000 });
  });

  it('goes on after a cut, asking only for the rest', async () => {
    const file = served(200_000);
    server.fault(new RegExp(file.path.split('got-')[1] as string), { cutAfterBytes: 120_000 }, 1);
    await fetch([file]);
    expect(isRight(file)).toBe(true);
    const [first, second] = requestsFor(file);
    expect(first?.from).toBeUndefined();
    expect(second?.from).toBeGreaterThan(0);
  });

  it('goes on with what an earlier run left, and starts again when that is something else', async () => {
    const [kept, other, long] = [served(50_000), served(50_000), served(50_000)];
    const bytes = fs.readFileSync(work.join('served', kept.path.split('got-')[1] as string));
    fs.writeFileSync(kept.partial, bytes.subarray(0, 30_000));
    fs.writeFileSync(other.partial, Buffer.alloc(30_000, 'another version'));
    fs.writeFileSync(long.partial, Buffer.alloc(60_000));
    await fetch([kept, other, long]);
    expect([kept, other, long].every(isRight)).toBe(true);
    expect(requestsFor(kept).map(({ from }) => from)).toEqual([30_000]);
    expect(requestsFor(other).map(({ from }) => from)).toEqual([30_000, undefined]);
    expect(requestsFor(long).map(({ from }) => from)).toEqual([undefined]);
  });

  it.each([500, 503] as const)('tries again after %d', async status => {
    const file = served(1000);
    server.fault(new RegExp(file.path.split('got-')[1] as string), { status }, 2);
    await fetch([file]);
    expect(isRight(file)).toBe(true);
  });

  it('tries again when nothing comes', async () => {
    const file = served(1000);
    server.fault(new RegExp(file.path.split('got-')[1] as string), { hang: true }, 1);
    await fetch([file]);
    expect(isRight(file)).toBe(true);
  });
});

describe('when it cannot be', () => {
  const failure = (file: FetchFile, acquire: Partial<AcquireOptions> = {}) =>
    fetch([file], acquire).then(
      () => ({ message: 'it was fetched', code: '', hint: '' }),
      (error: { message: string; code: string; hint: string }) => error,
    );

  it('a file that is gone names its address and what to do', async () => {
    const file = served(1000, name => `${server.url.replace('//', '//me:secret@')}/${name}`);
    server.fault(new RegExp(file.path.split('got-')[1] as string), { status: 404 });
    const error = await failure(file);
    expect(error).toMatchObject({ code: 'NETWORK', hint: expect.stringContaining('--refresh') });
    expect(error.message).toContain(`${server.url}/`);
    expect(error.message).not.toContain('secret');
    expect(requestsFor(file)).toHaveLength(1);
  });

  it('other bytes than expected never get the name; both hashes are said', async () => {
    const file = served(1000);
    server.fault(new RegExp(file.path.split('got-')[1] as string), { body: Buffer.alloc(1000, 'evil') });
    const error = await failure(file);
    expect(error).toMatchObject({ code: 'INTEGRITY' });
    expect(error.message).toContain(file.sha256);
    expect(requestsFor(file)).toHaveLength(2);
    expect([fs.existsSync(file.path), fs.existsSync(file.partial)]).toEqual([false, false]);
  });

  it('a file that does not end is broken off', async () => {
    const file = served(1000);
    server.fault(new RegExp(file.path.split('got-')[1] as string), { body: Buffer.alloc(5_000_000) });
    expect(await failure(file)).toMatchObject({
      code: 'INTEGRITY',
      message: expect.stringContaining('longer'),
    });
    expect(fs.existsSync(file.path)).toBe(false);
  });

  it('a closed port is a network error', async () => {
    expect(await failure(served(1, name => `http://127.0.0.1:9/${name}`))).toMatchObject({ code: 'NETWORK' });
  });

  it('an interruption ends it at once and keeps the part', async () => {
    const file = served(1_000_000);
    server.fault(new RegExp(file.path.split('got-')[1] as string), { bytesPerSecond: 200_000 });
    const controller = new AbortController();
    const host = testHost({ signal: controller.signal });
    setTimeout(() => controller.abort(), 500);
    await expect(fetch([file], {}, host)).rejects.toMatchObject({ code: 'INTERRUPTED' });
    expect(fs.statSync(file.partial).size).toBeGreaterThan(0);
    server.clearFaults();
    await fetch([file]);
    expect(isRight(file)).toBe(true);
    expect(requestsFor(file).at(-1)?.from).toBeGreaterThan(0);
  });
});

/** A server that answers with what `answer` says; `seen` are its requests. */
async function listening(
  answer: http.RequestListener,
): Promise<{ url: string; seen: http.IncomingMessage[]; server: http.Server }> {
  const seen: http.IncomingMessage[] = [];
  const made = http.createServer((request, response) => {
    seen.push(request);
    answer(request, response);
  });
  await new Promise<void>(resolve => made.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(made.address() as AddressInfo).port}`, seen, server: made };
}

describe('the settings of apt', () => {
  it('a login goes to the server it is for, and not along with a redirect to another', async () => {
    const file = served(1000);
    const other = await listening((_request, response) => {
      response.writeHead(302, { location: file.uri }).end();
    });
    const redirected = { ...file, uri: `${other.url}/x` };
    fs.writeFileSync(
      work.join('netrc'),
      `machine http://127.0.0.1:${new URL(other.url).port} login me password secret\n`,
    );
    const authorizations: (string | undefined)[] = [];
    const watch = await listening((request, response) => {
      authorizations.push(request.headers.authorization);
      fs.createReadStream(work.join('served', file.path.split('got-')[1] as string)).pipe(response);
    });
    other.server.removeAllListeners('request');
    other.server.on('request', (request: http.IncomingMessage, response: http.ServerResponse) => {
      authorizations.push(request.headers.authorization);
      response.writeHead(302, { location: `${watch.url}/y` }).end();
    });
    await fetch([redirected], { netrc: work.join('netrc') });
    expect(isRight(file)).toBe(true);
    expect(authorizations).toEqual([`Basic ${Buffer.from('me:secret').toString('base64')}`, undefined]);
    other.server.close();
    watch.server.close();
  });

  it('redirects without end, or to files, are refused', async () => {
    const loop = await listening((_, response) => response.writeHead(302, { location: '/again' }).end());
    const local = await listening((_, response) =>
      response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
    );
    for (const { url, server: made } of [loop, local]) {
      await expect(fetch([{ ...served(1), uri: `${url}/x` }])).rejects.toMatchObject({ code: 'NETWORK' });
      made.close();
    }
    expect(loop.seen.length).toBeLessThan(20);
  });

  it('a proxy gets the requests, with its own login; DIRECT passes it by', async () => {
    const file = served(1000, name => `http://archive.example.org/${name}`);
    const proxy = await listening((request, response) => {
      fs.createReadStream(work.join('served', new URL(request.url ?? '').pathname)).pipe(response);
    });
    const text = `${NONE.text}Acquire::http::Proxy "${proxy.url}";\nAcquire::http::Proxy::127.0.0.1 "DIRECT";\n`;
    const proxyPasswords = `machine ${proxy.url} login me password secret\n`;
    const direct = served(1000);
    await fetch([file, direct], { text, proxyPasswords });
    expect([file, direct].every(isRight)).toBe(true);
    expect(proxy.seen.map(({ url }) => url)).toEqual([file.uri]);
    expect(proxy.seen[0]?.headers['proxy-authorization']).toMatch(/^Basic /);
    proxy.server.close();
  });

  it('https goes through CONNECT', async () => {
    const asked: string[] = [];
    const proxy = net.createServer(socket => {
      socket.once('data', data => {
        asked.push(data.toString().split('\r\n')[0] ?? '');
        socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
      });
    });
    await new Promise<void>(resolve => proxy.listen(0, '127.0.0.1', resolve));
    const text = `${NONE.text}Acquire::http::Proxy "http://127.0.0.1:${(proxy.address() as AddressInfo).port}";\n`;
    const file = served(1, name => `https://archive.example.org/${name}`);
    await expect(fetch([file], { text })).rejects.toMatchObject({ code: 'NETWORK', message: /refuses: 403/ });
    expect(asked).toEqual(['CONNECT archive.example.org:443 HTTP/1.1']);
    proxy.close();
  });

  it.each([
    ['http://archive.example.org/x', '', true],
    ['https://archive.example.org/x', '', true],
    ['ftp://archive.example.org/x', '', false],
    ['file:/srv/x', '', false],
    ['tor+http://archive.example.org/x', '', false],
    ['https://archive.example.org/x', 'Acquire::https::SslCert "/etc/cert.pem";', false],
    ['http://archive.example.org/x', 'Acquire::http::Proxy "socks5h://127.0.0.1:1";', false],
  ])('%s with %j: ours is %s', (uri, setting, expected) => {
    const host = testHost();
    expect(isFetchable(uri, fetchSettings(host, { ...NONE, text: `${setting}\n` }))).toBe(expected);
  });

  it("the host's own settings can be read", async () => {
    const host = testHost();
    const settings = fetchSettings(host, await readAcquireOptions(host));
    expect(settings.timeoutSeconds).toBeGreaterThan(0);
  });
});
