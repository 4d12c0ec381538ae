import { AptLayerError } from '../errors/index.ts';
import type { Resolution, ResolvedPackage } from './request.ts';

/**
 * The archives in the output of `apt-get install --print-uris`: lines of
 * `'URI' FILE-NAME SIZE ALGORITHM:HEX`. The file name is NAME_VERSION_ARCH.deb with `:` and `_` written `%3a` and `%5f`.
 * RESOLVE_FAILED for a line that names an archive in any other way: leaving it out would leave out a package.
 */
export function parsePrintUris(output: string): ResolvedPackage[] {
  return output
    .split('\n')
    .filter(line => line.startsWith("'"))
    .map(line => {
      const match = /^'(\S+)' (\S+) (\d+)(?: (\w+):([0-9a-fA-F]+))?\s*$/.exec(line);
      const [, uri = '', fileName = '', size = '0', algorithm, hex] = match ?? [];
      const [, name = '', version = '', architecture = ''] =
        /^([^_/]+)_([^_/]+)_([^_./]+)(?:\.[^/]*)?$/.exec(fileName) ?? [];
      if (name === '')
        throw new AptLayerError(
          'RESOLVE_FAILED',
          `apt named an archive that is not NAME_VERSION_ARCH.deb: ${line.slice(0, 200)}`,
        );
      return resolvedPackage(
        { name: unquoted(name), version: unquoted(version), architecture: unquoted(architecture) },
        { size: Number(size), sha256: algorithm === 'SHA256' ? hex?.toLowerCase() : undefined, uri },
      );
    });
}

/** The package with the name of its file in the archive cache, whatever its archive calls it. */
export function resolvedPackage(
  { name, version, architecture }: Pick<ResolvedPackage, 'name' | 'version' | 'architecture'>,
  archive: Pick<ResolvedPackage, 'size' | 'sha256' | 'uri'>,
): ResolvedPackage {
  const fileName = `${[name, version, architecture].map(quoted).join('_')}.deb`;
  return { name, version, architecture, ...archive, fileName };
}

/** As apt writes the parts of such a file name. */
function quoted(text: string): string {
  return text.replace(/[_:%/]|[^\x21-\x7e]/g, character =>
    [...Buffer.from(character)].map(byte => `%${byte.toString(16).padStart(2, '0')}`).join(''),
  );
}

function unquoted(text: string): string {
  return text.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

/** The packages under `The following packages will be REMOVED:`, indented, a `*` behind those that are purged. */
export function parseRemovals(output: string): string[] {
  const names: string[] = [];
  let isListed = false;
  for (const line of output.split('\n')) {
    if (!line.startsWith(' ')) isListed = REMOVAL_HEADING.test(line);
    else if (isListed)
      names.push(
        ...line
          .trim()
          .split(/\s+/)
          .map(name => name.replace(/\*$/, '')),
      );
  }
  return [...new Set(names)];
}

const REMOVAL_HEADING = /^(?:The following (?:essential )?packages will be REMOVED:|REMOVING:)/i;

const UNITS: Readonly<Record<string, number>> = { B: 1, kB: 1e3, MB: 1e6, GB: 1e9 };

/** The space apt says the operation takes: `After this operation, 495 MB of additional disk space will be used.` */
export function parseInstalledBytes(output: string): number {
  return parseSize(
    /^After this operation, ([\d,.]+ [kMG]?B) of additional disk space/m.exec(output)?.[1] ?? '',
  );
}

/** A size as apt prints it, `1,056 kB`; 0 for anything else. */
export function parseSize(text: string): number {
  const match = /^(\d[\d,]*(?:\.\d+)?) ([kMG]?B)$/.exec(text);
  if (match === null) return 0;
  return Math.round(Number((match[1] ?? '0').replaceAll(',', '')) * (UNITS[match[2] ?? 'B'] ?? 1));
}

/** What `apt-get install --print-uris` says that it would do. */
export function parseResolution(output: string): Resolution {
  return {
    install: parsePrintUris(output),
    remove: parseRemovals(output),
    installedBytes: parseInstalledBytes(output),
  };
}
