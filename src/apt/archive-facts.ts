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

/** apt-cache ends with an error when it knows nothing of one of several packages, and prints the others. */
async function query(target: AptTarget, command: readonly [string, ...string[]]): Promise<Buffer> {
  try {
    return (await callApt(target, { command })).stdout;
  } catch (error) {
    if (error instanceof CommandFailed && /No packages found|Unable to locate/.test(error.stderrTail))
      return Buffer.from(error.stdoutTail);
    throw error;
  }
}
