import { AptLayerError } from '../errors/index.ts';
import { ensureDirectory, hashFile } from '../fs/index.ts';
import type { Host } from '../host/index.ts';
import { CommandFailed } from '../process/index.ts';
import { step } from '../report/index.ts';

/** A .deb that no archive lists. */
export interface LooseDeb {
  readonly url: string;
  /** Lower-case hex. */
  readonly sha256: string;
}

/** apt's own downloader: proxies and passwords are those of the host's apt. */
const HELPER = '/usr/lib/apt/apt-helper';

/**
 * Fetches .debs by their addresses into `directory`, each checked against its SHA-256, and returns their paths by it. Those
 * that are there are left alone. Throws NETWORK, or INTEGRITY for one that is not what it is to be.
 */
export async function fetchDebs(
  host: Host,
  debs: readonly LooseDeb[],
  options: { readonly directory: string; readonly network: boolean },
): Promise<Map<string, string>> {
  const { directory, network } = options;
  const pathOf = ({ sha256 }: LooseDeb) => `${directory}/${sha256}.deb`;
  for (const deb of debs) {
    if (isThere(host, pathOf(deb), deb)) continue;
    if (!network)
      throw new AptLayerError('NETWORK', `${deb.url} is not at hand, and --offline forbids fetching`, {
        hint: 'run it once without --offline',
      });
    ensureDirectory(host.sys, directory);
    await step(host.report, 'fetch-deb', `Fetching ${deb.url}`, () => fetchDeb(host, deb, pathOf(deb)));
  }
  return new Map(debs.map(deb => [deb.sha256, pathOf(deb)]));
}

async function fetchDeb(host: Host, { url, sha256 }: LooseDeb, path: string): Promise<void> {
  try {
    await host.runner.run({ tool: HELPER, args: ['download-file', url, path, `SHA256:${sha256}`] });
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    const said = error.stderrTail.trim();
    const isWrong = /hash sum mismatch/i.test(said);
    throw new AptLayerError(
      isWrong ? 'INTEGRITY' : 'NETWORK',
      isWrong ? `${url} is not what it is to be: SHA-256 ${sha256} is expected` : `${url}:\n${said}`,
      {
        hint: isWrong ? 'ask its publisher for the right SHA-256' : 'check the address and the network',
        details: { uri: url, sha256 },
        cause: error,
      },
    );
  }
}

/** Whole and right; anything else at its place is removed. */
function isThere({ sys }: Host, path: string, { sha256 }: LooseDeb): boolean {
  if (sys.lstatIfExists(path) === undefined) return false;
  if (hashFile(sys, path) === sha256) return true;
  sys.unlink(path);
  return false;
}
