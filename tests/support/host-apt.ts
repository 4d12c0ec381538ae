import fs from 'node:fs';
import { must } from './command.ts';

/** One line of the host's apt sources, as far as tests need it. */
export interface HostSource {
  readonly uri: string;
  readonly release: string;
}

/** The parts of a Debian suite, as suffixes of its name. */
const PARTS = ['', '-updates', '-security'] as const;

/**
 * Lines for sources.list that give `suite` of Debian from the mirrors this machine uses for its own release, so
 * that tests reach no other network. `apt-get indextargets` reads both forms of source files for us.
 */
export async function debianSources(suite: string): Promise<string[]> {
  const listing = await must('apt-get', [
    'indextargets',
    '--format',
    '$(REPO_URI) $(RELEASE) $(COMPONENT)',
    'Created-By: Packages',
  ]);
  const codename = /^VERSION_CODENAME=(\S+)$/m.exec(fs.readFileSync('/etc/os-release', 'utf8'))?.[1] ?? '';
  return mapSources(parseTargets(listing), codename, suite);
}

/** Reads the listing: repositories with a component `main`. */
export function parseTargets(listing: string): HostSource[] {
  const found: HostSource[] = [];
  for (const line of listing.split('\n')) {
    const [uri, release, component] = line.split(' ');
    if (uri !== undefined && release !== undefined && component === 'main')
      found.push({ uri: uri.replace(/\/$/, ''), release });
  }
  return found;
}

/** The host's sources with its release (by code name or as `stable`) exchanged for `suite`. */
export function mapSources(sources: readonly HostSource[], codename: string, suite: string): string[] {
  const names = [codename, 'stable', 'oldstable', 'testing'];
  const lines: string[] = [];
  for (const part of PARTS) {
    const source = names
      .map(name => sources.find(one => one.release === `${name}${part}`))
      .find(one => one !== undefined);
    if (source !== undefined) lines.push(`deb ${firstMirror(source.uri)} ${suite}${part} main`);
  }
  if (lines.length === 0)
    throw new Error(`the apt sources of this machine name no mirror for Debian ${codename}`);
  return lines;
}

/** Cloud images name their mirrors in a file (`mirror+file:`); a chroot does not see it. */
function firstMirror(uri: string): string {
  const list = /^mirror\+file:(?:\/\/)?(\/.*)$/.exec(uri)?.[1];
  if (list === undefined) return uri;
  const line = fs
    .readFileSync(list, 'utf8')
    .split('\n')
    .find(text => /^\w+:\/\//.test(text));
  return (line?.split(/\s/)[0] ?? uri).replace(/\/$/, '');
}

const PASSED_ON =
  /^Acquire::(?:Check-Valid-Until|Check-Date|Max-ValidTime|Min-ValidTime|Max-FutureTime|Retries|ForceIPv[46]|https?::.+) "(.*)";$/i;

/** The machine's own ways to reach its mirror (proxies, date checks, retries) as `NAME=VALUE` for apt's `-o`. */
export async function hostAcquireOptions(): Promise<string[]> {
  return parseAcquireOptions(await must('apt-config', ['dump']));
}

/** Picks these options out of the output of `apt-config dump`. */
export function parseAcquireOptions(dump: string): string[] {
  const options: string[] = [];
  for (const line of dump.split('\n')) {
    const value = PASSED_ON.exec(line)?.[1];
    if (value !== undefined && value !== '') options.push(`${line.slice(0, line.indexOf(' '))}=${value}`);
  }
  return options;
}
