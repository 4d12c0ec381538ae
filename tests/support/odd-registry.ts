import fs from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { digestOf } from './oci-layout.ts';

/** What a repository does otherwise than a registry should. `blob` is that of the first layer. */
export type Oddity = (
  request: { path: string; isBlob: boolean; times: number },
  response: ServerResponse,
) => boolean;

export interface OddRegistry extends AsyncDisposable {
  readonly host: string;
  /** Has a repository answer from the layout at `at`, but for what `odd` answers (it returns true then). */
  serve(repository: string, at: string, odd?: Oddity): void;
  /** The paths that were asked for. */
  readonly requests: string[];
}

/** A registry of few lines that serves layouts, and misbehaves as it is told. */
export async function startOddRegistry(): Promise<OddRegistry> {
  const served = new Map<string, { at: string; odd: Oddity | undefined; times: Map<string, number> }>();
  const requests: string[] = [];
  const answer = ({ url = '' }: IncomingMessage, response: ServerResponse) => {
    requests.push(url);
    if (url === '/v2/') return void response.end('{}');
    const [, repository = '', kind = '', name = ''] =
      /^\/v2\/([a-z0-9-]+)\/(manifests|blobs)\/(.+)$/.exec(url) ?? [];
    const found = served.get(repository);
    if (found === undefined) return void response.writeHead(404).end();
    const times = (found.times.get(url) ?? 0) + 1;
    found.times.set(url, times);
    if (found.odd?.({ path: url, isBlob: kind === 'blobs', times }, response) === true) return;
    const bytes = contents(found.at, name);
    if (bytes === undefined) return void response.writeHead(404).end();
    const type = kind === 'manifests' ? manifestType(bytes) : 'application/octet-stream';
    response.writeHead(200, {
      'Content-Type': type,
      'Content-Length': bytes.length,
      'Docker-Content-Digest': `sha256:${digestOf(bytes)}`,
    });
    response.end(bytes);
  };
  const server = createServer(answer);
  await new Promise<void>(resolve => void server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    host: `127.0.0.1:${port}`,
    serve: (repository, at, odd) => void served.set(repository, { at, odd, times: new Map() }),
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise(resolve => void server.close(resolve));
    },
  };
}

/** A blob by its digest, or what the index of the layout names first. */
function contents(at: string, name: string): Buffer | undefined {
  const index = JSON.parse(fs.readFileSync(`${at}/index.json`, 'utf8')) as {
    manifests: { digest: string }[];
  };
  const digest = name.startsWith('sha256:') ? name : (index.manifests[0]?.digest ?? '');
  const file = `${at}/blobs/sha256/${digest.slice('sha256:'.length)}`;
  return fs.existsSync(file) ? fs.readFileSync(file) : undefined;
}

function manifestType(bytes: Buffer): string {
  const { mediaType, manifests } = JSON.parse(bytes.toString('utf8')) as {
    mediaType?: string;
    manifests?: unknown;
  };
  return mediaType ?? `application/vnd.oci.image.${manifests === undefined ? 'manifest' : 'index'}.v1+json`;
}
