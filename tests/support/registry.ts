import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { must } from './command.ts';
import { temporaryDirectory } from './temporary.ts';

/** Debian's docker-registry on the loopback. */
export interface Registry extends AsyncDisposable {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  /** A certificate for skopeo's --cert-dir or SSL_CERT_FILE; only with TLS. */
  readonly certificate: string;
  /** What was asked of it since the last call: `GET /v2/x/blobs/sha256:...`. */
  requests(): string[];
  /** How many bytes of blobs it has sent since the last call. */
  sentBytes(): number;
}

export const USER = 'somebody';
export const PASSWORD = 'Pa55-word:with/odd@characters';

interface Options {
  readonly tls?: boolean;
  /** Asks for `USER` and `PASSWORD`. */
  readonly password?: boolean;
}

export async function startRegistry({ tls = false, password = false }: Options = {}): Promise<Registry> {
  const own = temporaryDirectory('registry');
  const port = await freePort();
  const certificate = own.join('cert.pem');
  if (tls) await makeCertificate(certificate, own.join('key.pem'));
  // bcrypt, by crypt(3).
  if (password) {
    const hash = await must('perl', [
      '-e',
      'print crypt($ARGV[0], q($2y$05$abcdefghijklmnopqrstuu))',
      PASSWORD,
    ]);
    fs.writeFileSync(own.join('htpasswd'), `${USER}:${hash}\n`);
  }
  const configuration = {
    version: '0.1',
    log: { level: 'error', accesslog: { disabled: false } },
    storage: { filesystem: { rootdirectory: own.join('data') } },
    http: {
      addr: `127.0.0.1:${port}`,
      ...(tls && { tls: { certificate, key: own.join('key.pem') } }),
    },
    ...(password && { auth: { htpasswd: { realm: 'tests', path: own.join('htpasswd') } } }),
  };
  fs.writeFileSync(own.join('config.yml'), JSON.stringify(configuration));
  const log = own.join('log');
  const output = fs.openSync(log, 'w');
  const child = spawn(
    'setpriv',
    ['--pdeathsig', 'KILL', 'docker-registry', 'serve', own.join('config.yml')],
    {
      stdio: ['ignore', output, output],
    },
  );
  fs.closeSync(output);
  const host = `127.0.0.1:${port}`;
  await until(`${tls ? 'https' : 'http'}://${host}/v2/`, log);
  let read = 0;
  let counted = 0;
  return {
    host,
    certificate,
    requests() {
      const text = fs.readFileSync(log, 'utf8');
      const lines = text.slice(read).matchAll(/"((?:GET|HEAD|PUT|POST|PATCH) \S+) HTTP/g);
      read = text.length;
      return [...lines].map(([, request = '']) => request);
    },
    sentBytes() {
      const text = fs.readFileSync(log, 'utf8');
      // Of the combined log format: the request, its status, the bytes of the answer.
      const sizes = text.slice(counted).matchAll(/"GET \S+\/blobs\/\S+ HTTP\/[\d.]+" \d+ (\d+)/g);
      counted = text.length;
      return [...sizes].reduce((sum, [, size]) => sum + Number(size), 0);
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await own[Symbol.asyncDispose]();
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

async function makeCertificate(certificate: string, key: string): Promise<void> {
  await must('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'],
    ...['-keyout', key, '-out', certificate, '-subj', '/CN=tests', '-addext', 'subjectAltName=IP:127.0.0.1'],
  ]);
}

async function until(address: string, log: string): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const answers = await must('curl', ['--silent', '--insecure', '--output', '/dev/null', address]).then(
      () => true,
      () => false,
    );
    if (answers) return;
    await sleep(50);
  }
  throw new Error(`the registry does not start:\n${fs.readFileSync(log, 'utf8')}`);
}
