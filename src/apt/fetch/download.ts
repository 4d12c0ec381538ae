import { createHash, type Hash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { AptLayerError, errnoOf } from '../../errors/index.ts';
import { readPieces } from '../../fs/index.ts';
import type { Host } from '../../host/index.ts';
import type { Sys } from '../../sys/index.ts';
import { type HttpClient, shown } from './http.ts';

export interface FetchFile {
  readonly uri: string;
  /** Where it is to be. */
  readonly path: string;
  /** Where its part is kept until it is whole. */
  readonly partial: string;
  readonly size: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

export interface Downloading {
  readonly host: Host;
  readonly client: HttpClient;
  readonly retries: number;
  /** Called with how many bytes of the file are there; they may become fewer. */
  readonly onSize: (bytes: number) => void;
}

/** What may go away when it is tried again. */
class Passing extends Error {}

const BACKOFF_MS = 500;

/**
 * Fetches one file: what an interrupted run left is continued, the hash is taken as bytes come, and the file gets its
 * name when it is whole and right. NETWORK names the address; INTEGRITY the expected and the actual hash.
 */
export async function download(file: FetchFile, options: Downloading): Promise<void> {
  let mismatches = 0;
  for (let attempt = 0; ; attempt += 1) {
    try {
      const actual = await fetchOnce(file, options);
      if (actual === file.sha256) {
        options.host.sys.rename(file.partial, file.path);
        return;
      }
      options.host.sys.unlink(file.partial);
      mismatches += 1;
      // Once more from the start: a part of another version may have been continued.
      if (mismatches > 1) throw wrongHash(file, actual);
    } catch (error) {
      if (options.host.signal.aborted)
        throw new AptLayerError('INTERRUPTED', 'interrupted while fetching packages');
      if (!isPassing(error) || attempt >= options.retries) throw explained(file, error);
      await new Promise(resolve => setTimeout(resolve, BACKOFF_MS * 2 ** attempt));
    }
  }
}

function isPassing(error: unknown): boolean {
  if (error instanceof Passing) return true;
  if (error instanceof AptLayerError) return false;
  return [
    'ECONNRESET',
    'ECONNREFUSED',
    'ETIMEDOUT',
    'EPIPE',
    'EAI_AGAIN',
    'ECONNABORTED',
    'EHOSTUNREACH',
  ].includes(errnoOf(error) ?? '');
}

function explained(file: FetchFile, error: unknown): AptLayerError {
  if (error instanceof AptLayerError) return error;
  const why = error instanceof Error ? error.message : String(error);
  return new AptLayerError('NETWORK', `cannot fetch ${shown(new URL(file.uri))}: ${why}`, {
    hint: 'check the network and the proxy settings of apt, and run it again: what came is kept',
    details: { uri: shown(new URL(file.uri)), sha256: file.sha256 },
    cause: error,
  });
}

function wrongHash(file: FetchFile, actual: string): AptLayerError {
  const uri = shown(new URL(file.uri));
  return new AptLayerError(
    'INTEGRITY',
    `${uri} is not what its index says: SHA-256 ${file.sha256} is expected, ${actual} came`,
    {
      hint: 'run it again with --refresh; if it stays so, the mirror is damaged',
      details: { uri, expected: file.sha256, actual },
    },
  );
}

/** One request for what is missing; resolves to the hash of the whole. */
async function fetchOnce(file: FetchFile, options: Downloading): Promise<string> {
  const { sys } = options.host;
  const hash = createHash('sha256');
  const have = continuePart(file, hash, sys);
  options.onSize(have);
  if (have === file.size) return hash.digest('hex');
  const headers: Record<string, string> = have > 0 ? { Range: `bytes=${have}-` } : {};
  const response = await options.client.get(new URL(file.uri), headers);
  const status = response.statusCode ?? 0;
  if (status === 416 || (status === 206 && rangeStart(response) !== have)) {
    response.destroy();
    sys.unlink(file.partial);
    throw new Passing('the server has other bytes');
  }
  if (status !== 200 && status !== 206) {
    response.destroy();
    throw refusal(file, status);
  }
  if (![undefined, 'identity'].includes(response.headers['content-encoding'])) {
    response.destroy();
    throw new Passing(`the server sends ${response.headers['content-encoding']}, which nobody asked for`);
  }
  // The whole again, though a part was asked for.
  const fresh = status === 200 && have > 0;
  if (fresh) sys.unlink(file.partial);
  const state = { hash: fresh ? createHash('sha256') : hash, from: fresh ? 0 : have, options };
  await receive(response, file, state);
  return state.hash.digest('hex');
}

function rangeStart(response: IncomingMessage): number {
  return Number(/^bytes (\d+)-/.exec(response.headers['content-range'] ?? '')?.[1] ?? -1);
}

function refusal(file: FetchFile, status: number): Error {
  if (status >= 500 || status === 429 || status === 408) return new Passing(`the server answers ${status}`);
  const uri = shown(new URL(file.uri));
  return new AptLayerError('NETWORK', `cannot fetch ${uri}: the server answers ${status}`, {
    hint:
      status === 404
        ? 'the package lists are out of date: run it again with --refresh'
        : 'check the login for that server in /etc/apt/auth.conf.d',
    details: { uri, status, sha256: file.sha256 },
  });
}

/** Takes what is there of the file into the hash and returns how much it is; a part that is too long goes. */
function continuePart(file: FetchFile, hash: Hash, sys: Sys): number {
  const stat = sys.lstatIfExists(file.partial);
  if (stat === undefined) return 0;
  if (stat.size > file.size) {
    sys.unlink(file.partial);
    return 0;
  }
  const fd = sys.openRead(file.partial);
  try {
    return readPieces(sys, fd, piece => hash.update(piece));
  } finally {
    sys.close(fd);
  }
}

/** Appends the body to the part. Throws when it is cut, or longer than it should be. */
function receive(
  response: IncomingMessage,
  file: FetchFile,
  state: { hash: Hash; from: number; options: Downloading },
): Promise<void> {
  const { sys } = state.options.host;
  const fd = sys.openAppend(file.partial, 0o644);
  let size = state.from;
  return new Promise<void>((resolve, reject) => {
    const fail = (error: unknown) => {
      response.destroy();
      reject(error instanceof Error ? error : new Error(String(error)));
    };
    response.on('data', (chunk: Buffer) => {
      if (response.destroyed) return;
      size += chunk.length;
      if (size > file.size) return fail(tooLong(file));
      try {
        sys.write(fd, chunk);
      } catch (error) {
        return fail(error);
      }
      state.hash.update(chunk);
      state.options.onSize(size);
    });
    response.on('error', fail);
    response.on('close', () => {
      if (size === file.size) resolve();
      else reject(new Passing(`the connection ended after ${size} of ${file.size} bytes`));
    });
  }).finally(() => sys.close(fd));
}

function tooLong(file: FetchFile): AptLayerError {
  const uri = shown(new URL(file.uri));
  return new AptLayerError('INTEGRITY', `${uri} is longer than the ${file.size} bytes that its index says`, {
    hint: 'run it again with --refresh; if it stays so, the mirror is damaged',
    details: { uri, expected: file.sha256 },
  });
}
