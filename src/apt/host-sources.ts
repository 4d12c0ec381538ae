import { AptLayerError, type FormatError } from '../errors/index.ts';
import { fromText, toText } from '../formats/bytes/index.ts';
import { listDirectory, readFileIfExists } from '../fs/index.ts';
import { log, type Reporter } from '../report/index.ts';
import type { Sys } from '../sys/index.ts';
import { type AptSource, parseListFile, parseSourcesFile, type SourceOrigin } from './sources/index.ts';

const MAX_SOURCES_BYTES = 1024 * 1024;
const MAX_OS_RELEASE_BYTES = 64 * 1024;

export interface HostSource extends AptSource {
  readonly origin: SourceOrigin;
}

/** The sources of an installed system and what it says it is. */
export interface HostSources {
  /** ID of os-release; `linux` when it does not say. */
  readonly id: string;
  /** VERSION_CODENAME of os-release; undefined on a rolling release. */
  readonly codename: string | undefined;
  /** Entries that are switched on, in the order apt reads them. */
  readonly sources: readonly HostSource[];
}

/**
 * Reads /etc/os-release and apt's sources below `root` (`/` or a system's directory), as apt does: sources.list, then
 * sources.list.d by name. A line that is wrong, or a file that cannot be read, is a warning and is passed over.
 */
export function readHostSources(sys: Sys, root: string, report: Reporter): HostSources {
  const base = root.replace(/\/+$/, '');
  const release = parseOsRelease(
    readOrWarn(sys, `${base}/etc/os-release`, MAX_OS_RELEASE_BYTES, report) ?? '',
  );
  const sources: HostSource[] = [];
  for (const file of sourceFiles(sys, base, report)) {
    const text = readOrWarn(sys, file, MAX_SOURCES_BYTES, report);
    if (text === undefined) continue;
    const warn = (error: FormatError) =>
      log(report, 'warning', `${file}:${error.position.line}: ${error.reason}; this entry is ignored`);
    const parse = file.endsWith('.sources') ? parseSourcesFile : parseListFile;
    for (const { source, line } of parse(text, warn)) {
      const uris = source.uris.flatMap(uri => expandMirrorFile(sys, base, { uri, report }));
      sources.push({ ...source, uris, origin: { file, line } });
    }
  }
  return { id: release.get('ID') ?? 'linux', codename: release.get('VERSION_CODENAME'), sources };
}

/**
 * The first address of a `mirror+file:` list (apt-transport-mirror(1)), as Debian's cloud images have them; other
 * addresses as they are.
 */
function expandMirrorFile(
  sys: Sys,
  base: string,
  { uri, report }: { uri: string; report: Reporter },
): string[] {
  const path = /^mirror\+file:(?:\/\/)?(\/.*)$/.exec(uri)?.[1];
  if (path === undefined) return [uri];
  const lines = (readOrWarn(sys, `${base}${path}`, MAX_SOURCES_BYTES, report) ?? '').split('\n');
  const first = lines.map(line => line.trim()).find(line => line !== '' && !line.startsWith('#'));
  return first === undefined ? [] : [first.split(/\s/)[0] ?? ''];
}

function sourceFiles(sys: Sys, base: string, report: Reporter): string[] {
  const directory = `${base}/etc/apt/sources.list.d`;
  // apt itself reads only names of this shape.
  const parts = orWarn(report, directory, () => listDirectory(sys, directory))?.filter(name =>
    /^[A-Za-z0-9_.-]+\.(?:list|sources)$/.test(name),
  );
  return [`${base}/etc/apt/sources.list`, ...(parts ?? []).map(name => `${directory}/${name}`)];
}

/** The variables of os-release(5); quotes are taken off, lines that are no assignment are passed over. */
export function parseOsRelease(text: string): Map<string, string> {
  const variables = new Map<string, string>();
  for (const line of text.split('\n')) {
    const match = /^([A-Z][A-Z0-9_]*)=(.*)$/.exec(line.trim());
    if (match === null) continue;
    const value = match[2] ?? '';
    const quoted = /^(["'])(.*)\1$/.exec(value);
    variables.set(match[1] ?? '', quoted === null ? value : (quoted[2] ?? '').replace(/\\([$"`\\])/g, '$1'));
  }
  return variables;
}

function readOrWarn(sys: Sys, path: string, maxBytes: number, report: Reporter): string | undefined {
  return orWarn(report, path, () => readFileIfExists(sys, path, maxBytes))?.toString('utf8');
}

function orWarn<T>(report: Reporter, path: string, read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    const known = error instanceof AptLayerError || (error instanceof Error && 'code' in error);
    if (!known) throw error;
    log(
      report,
      'warning',
      `${toText(fromText(path))} cannot be read and is ignored: ${(error as Error).message}`,
    );
    return undefined;
  }
}
