import { ensureDirectory } from '../../fs/index.ts';
import type { Host } from '../../host/index.ts';
import { download, type FetchFile } from './download.ts';
import { httpClient } from './http.ts';
import type { FetchSettings } from './settings.ts';
import { fetchStep } from './step.ts';

/** Connections at a time, also to one server. */
const CONNECTIONS = 6;
const REPORT_EVERY_MS = 200;

/** Whether we can fetch from an address; the others are left to apt's own methods. */
export function isFetchable(uri: string, settings: FetchSettings): boolean {
  if (settings.unknown !== undefined || !/^https?:\/\//.test(uri) || !URL.canParse(uri)) return false;
  const proxy = settings.proxyFor(new URL(uri));
  return proxy === undefined || proxy.protocol === 'http:';
}

/**
 * Fetches files over several connections into the cache, each checked while it comes. The first failure ends the others;
 * parts stay and are continued by the next run. Not durable: it is a cache, and read with its hashes.
 */
export async function fetchFiles(
  host: Host,
  files: readonly FetchFile[],
  settings: FetchSettings,
): Promise<void> {
  await fetchStep(host.report, files, async () => {
    for (const directory of new Set(files.map(file => file.partial.slice(0, file.partial.lastIndexOf('/')))))
      ensureDirectory(host.sys, directory);
    const failed = new AbortController();
    const signal = AbortSignal.any([host.signal, failed.signal]);
    const client = httpClient(settings, { connections: CONNECTIONS, signal });
    const progress = progressOf(host, files);
    // Large ones first: one of them at the end would come alone.
    const queue = [...files].sort((a, b) => a.size - b.size);
    const work = async () => {
      for (let file = queue.pop(); file !== undefined && !failed.signal.aborted; file = queue.pop())
        await download(file, {
          host,
          client,
          retries: settings.retries,
          onSize: progress(),
        });
    };
    try {
      await Promise.all(
        Array.from({ length: CONNECTIONS }, () =>
          work().catch((error: unknown) => {
            failed.abort();
            throw error;
          }),
        ),
      );
    } finally {
      client.close();
    }
  });
}

/** Reports the bytes of all files that are there, by what is said of each. */
function progressOf(host: Host, files: readonly FetchFile[]): () => (bytes: number) => void {
  const total = files.reduce((sum, file) => sum + file.size, 0);
  let done = 0;
  let reported = 0;
  return () => {
    let own = 0;
    return bytes => {
      done += bytes - own;
      own = bytes;
      const now = performance.now();
      if (now - reported < REPORT_EVERY_MS && done < total) return;
      reported = now;
      host.report.emit({ type: 'progress', task: 'fetch', done, total });
    };
  };
}
