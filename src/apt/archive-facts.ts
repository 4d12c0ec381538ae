import { fromText, toText } from '../formats/bytes/index.ts';
import { fieldValue, parseStanzas, requiredValue } from '../formats/deb822/index.ts';
import { CommandFailed } from '../process/index.ts';
import { type AptTarget, callApt } from './target.ts';

/** What the index of an archive says of the version of a package that apt would choose. */
export interface PackageFacts {
  readonly name: string;
  readonly architecture: string;
  readonly version: string;
  /** `no` when the index says nothing. */
  readonly multiArch: string;
}

/** Asks apt-cache about packages, `NAME` or `NAME:ARCH`; unknown ones are left out. */
export async function describeCandidates(
  target: AptTarget,
  names: readonly string[],
): Promise<PackageFacts[]> {
  const output = await query(target, ['apt-cache', 'show', '--no-all-versions', '--', ...names]);
  return [...parseStanzas(output)].map(stanza => ({
    name: toText(requiredValue(stanza, 'Package')),
    architecture: toText(requiredValue(stanza, 'Architecture')),
    version: toText(requiredValue(stanza, 'Version')),
    multiArch: toText(fieldValue(stanza, 'Multi-Arch') ?? fromText('no')),
  }));
}

/** Every version that the archives have, by name as asked for; none for an unknown package. */
export async function archiveVersions(
  target: AptTarget,
  names: readonly string[],
): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>(names.map(name => [name, []]));
  for (const name of names) {
    const output = await query(target, ['apt-cache', 'madison', '--', name]);
    for (const line of output.toString('utf8').split('\n')) {
      const version = line.split('|')[1]?.trim();
      if (version !== undefined && version !== '') found.get(name)?.push(version);
    }
  }
  return found;
}

/** apt-cache ends with an error when it knows nothing of one of several packages, and prints the others. */
async function query(target: AptTarget, command: readonly string[]): Promise<Buffer> {
  try {
    return (await callApt(target, { command })).stdout;
  } catch (error) {
    if (error instanceof CommandFailed && /No packages found|Unable to locate/.test(error.stderrTail))
      return Buffer.from(error.stdoutTail);
    throw error;
  }
}
