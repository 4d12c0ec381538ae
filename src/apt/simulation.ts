import { AptLayerError } from '../errors/index.ts';
import type { Resolution, ResolvedPackage } from './request.ts';

/**
 * The archives in the output of `apt-get install --print-uris`: lines of
 * `'URI' FILE-NAME SIZE ALGORITHM:HEX`. The file name is NAME_VERSION_ARCH.deb with `:` written `%3a`.
 */
export function parsePrintUris(output: string): ResolvedPackage[] {
  const packages: ResolvedPackage[] = [];
  for (const line of output.split('\n')) {
    const match = /^'(\S+)' (\S+\.deb) (\d+)(?: (\w+):([0-9a-fA-F]+))?\s*$/.exec(line);
    if (match === null) continue;
    const [, uri = '', fileName = '', size = '0', algorithm, hex] = match;
    const name = /^([^_]+)_([^_]+)_([^_]+)\.deb$/.exec(fileName);
    if (name === null)
      throw new AptLayerError(
        'RESOLVE_FAILED',
        `apt named an archive ${fileName}, which is not NAME_VERSION_ARCH.deb`,
      );
    packages.push({
      name: name[1] ?? '',
      version: decodeURIComponent(name[2] ?? ''),
      architecture: name[3] ?? '',
      size: Number(size),
      sha256: algorithm === 'SHA256' ? hex?.toLowerCase() : undefined,
      uri,
      fileName,
    });
  }
  return packages;
}

/** The packages under `The following packages will be REMOVED:`, indented, a `*` behind those that are purged. */
export function parseRemovals(output: string): string[] {
  const lines = output.split('\n');
  const heading = lines.findIndex(line => /^The following packages will be REMOVED:|^REMOVING:/.test(line));
  if (heading < 0) return [];
  const names: string[] = [];
  for (const line of lines.slice(heading + 1)) {
    if (!line.startsWith(' ')) break;
    names.push(
      ...line
        .trim()
        .split(/\s+/)
        .map(name => name.replace(/\*$/, '')),
    );
  }
  return names;
}

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
