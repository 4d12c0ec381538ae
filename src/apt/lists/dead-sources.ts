import type { SignedSource } from '../image-sources.ts';

/** An archive of the image that could not be reached. */
export interface DeadSource {
  readonly source: SignedSource;
  readonly uri: string;
  readonly suite: string;
  /** apt's own words. */
  readonly reason: string;
  /** By its name and address, security updates would come from it. */
  readonly isSecurity: boolean;
}

/** What apt says when a server is not there, or has no such suite: nothing that could be an attempt to hide a change. */
const UNREACHABLE =
  /^(?:Could not (?:resolve|connect|handshake|wait|get|switch)|Unable to connect|Connection (?:failed|timed out|closed|refused)|Temporary failure|Something wicked|Cannot initiate|Failed to connect|Error reading from server|The (?:HTTP|SSL) server|Certificate verification failed|File not found|40[0-9] |410 |5\d\d )/;

/**
 * The sources that `apt-get update` failed for because they could not be reached; none when anything else went wrong too, or
 * with one of the spec's own repositories: then the whole is an error.
 */
export function deadSources(output: string, sources: readonly SignedSource[]): DeadSource[] {
  const failed = failedFetches(output);
  const dead = failed.map(one => deadSource(one, sources));
  const isOnlyThat =
    dead.every(one => one !== undefined) &&
    output
      .split('\n')
      .filter(line => /^[EW]: /.test(line))
      .every(line => UNREACHABLE_LINES.test(line));
  return isOnlyThat ? distinct(dead as DeadSource[]) : [];
}

const UNREACHABLE_LINES =
  /^[EW]: (?:Failed to fetch \S+ +(?!.*(?:Hash Sum|unexpected size|signature|Clearsigned))|Some index files failed|The repository '.*' does not have a Release file|The repository '.*' no longer has a Release file|Updating from such a repository)/;

interface FailedFetch {
  readonly uri: string;
  readonly suite: string;
  readonly reason: string;
}

/** `Err:3 URI SUITE InRelease`, and indented below it the reason. Failures of anything but a Release file have none. */
function failedFetches(output: string): FailedFetch[] {
  const lines = output.split('\n');
  return lines.flatMap((line, index) => {
    const [, address, name = '', file = ''] = /^Err:\d+ (\S+) (\S+)(.*)$/.exec(line) ?? [];
    if (address === undefined) return [];
    const isRelease = /^ (?:In)?Release(?: \[|$)/.test(file);
    const reason = isRelease ? (lines[index + 1] ?? '').trim() : '';
    return [
      { uri: address.replace(/\/+$/, ''), suite: name, reason: reason.replace(/\s*\[IP: [^\]]*\]/, '') },
    ];
  });
}

function deadSource(
  { uri, suite, reason }: FailedFetch,
  sources: readonly SignedSource[],
): DeadSource | undefined {
  const source = sources.find(
    one => one.suites.includes(suite) && one.uris.some(other => bare(other) === bare(uri)),
  );
  if (source === undefined || source.bySpec || !UNREACHABLE.test(reason)) return undefined;
  return { source, uri, suite, reason, isSecurity: isSecurity(uri, suite) };
}

/** apt prints addresses without the login. */
function bare(uri: string): string {
  return uri.replace(/\/+$/, '').replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i, '$1');
}

function isSecurity(uri: string, suite: string): boolean {
  return /-security$|\/updates$/.test(suite) || /^[a-z+]+:\/\/security\.|[/-]security(?:\/|$)/.test(uri);
}

function distinct(found: readonly DeadSource[]): DeadSource[] {
  return [...new Map(found.map(one => [`${one.uri} ${one.suite}`, one])).values()];
}
