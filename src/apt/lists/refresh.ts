import { AptLayerError } from '../../errors/index.ts';
import { readFileIfExists, writeFileDurable } from '../../fs/index.ts';
import { CommandFailed } from '../../process/index.ts';
import { log, step } from '../../report/index.ts';
import { recordMetadata } from '../cache.ts';
import { failing } from '../failing.ts';
import { callHostApt, type HostApt, useSources } from '../host-apt.ts';
import type { SignedSource } from '../image-sources.ts';
import { renderSources } from '../sources/index.ts';
import { type DeadSource, deadSources } from './dead-sources.ts';
import { expandMirrors } from './mirrors.ts';
import { parseUpdate, type SourceUpdate } from './source-states.ts';
import { explainWebPage } from './web-page.ts';

/**
 * Fetches the index files of a set of archives with the host's apt, which verifies them. An archive of the image that cannot be
 * reached is left out with a warning that names its file, as long as others can be and security updates do not come from it;
 * lists of it from before stay. Throws NETWORK, SIGNATURE, or RESOLVE_FAILED for a suite that is not there.
 */
export function fetchLists(apt: HostApt): Promise<SourceUpdate[]> {
  const { host, cache, set } = apt;
  return step(host.report, 'refresh', 'Fetching package lists', async () => {
    const sources = await expandMirrors(host, set.sources, apt.acquire);
    useSources(apt, sources);
    const update = await updated(apt, sources);
    keepSources(apt, renderForImage(sources));
    recordMetadata(host, cache);
    return update;
  });
}

async function updated(apt: HostApt, sources: readonly SignedSource[]): Promise<SourceUpdate[]> {
  if (sources.length === 0) return [];
  // Any: what cannot be verified is an error, not a warning about old index files. Nothing here reads apt's own cache.
  const options = ['-o', 'APT::Update::Error-Mode=any', '-o', 'pkgCacheFile::Generate=false'];
  // All of it: of what a failed program said, only the end is kept elsewhere.
  const said: Buffer[] = [];
  const onOutput = (chunk: Buffer) => {
    said.push(chunk);
    apt.onOutput(chunk);
  };
  const text = () => Buffer.concat(said).toString('utf8');
  const run = () =>
    callHostApt(apt, ['apt-get', '-q', ...options, 'update'], { onOutput, mergeOutput: true });
  let dead: DeadSource[] = [];
  try {
    await failing(apt, () =>
      run().catch((error: unknown) => {
        if (!(error instanceof CommandFailed)) throw error;
        dead = deadSources(text(), sources);
        const works = parseUpdate(text()).some(one => !dead.some(other => isOf(one, other)));
        if (dead.length === 0 || !works) throw error;
      }),
    );
  } catch (error) {
    throw await explainWebPage(apt, error);
  }
  for (const one of dead) report(apt, one);
  return parseUpdate(text()).filter(one => !dead.some(other => isOf(one, other)));
}

function isOf(update: SourceUpdate, dead: DeadSource): boolean {
  return update.uri === dead.uri && update.suite === dead.suite;
}

function report({ host }: HostApt, dead: DeadSource): void {
  const { source, uri, suite, reason } = dead;
  const what = `${source.where}: ${uri} ${suite} could not be reached: ${reason}`;
  if (dead.isSecurity)
    throw new AptLayerError('NETWORK', what, {
      hint: `security updates would come from it; to go on without them this once: --disable-repo ${source.name}`,
      details: { source: source.where, uri, suite },
    });
  log(host.report, 'warning', `${what}; going on without it (--disable-repo ${source.name} leaves it out)`);
}

/** Where they are the same, the file stays: what an image's apt made of the lists has to be newer than it. */
function keepSources({ host, cache }: HostApt, text: string): void {
  const before = readFileIfExists(host.sys, cache.sources, SOURCES_MAX_BYTES)?.toString('utf8');
  if (before !== text) writeFileDurable(host.sys, cache.sources, text, 0o600);
}

const SOURCES_MAX_BYTES = 8 * 1024 * 1024;

/** What the image's apt needs to know, to find the lists: it verifies nothing, since all of them were. */
function renderForImage(sources: readonly SignedSource[]): string {
  return renderSources(sources.map(source => ({ ...source, options: {}, signedBy: undefined })));
}
