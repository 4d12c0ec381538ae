import { parse } from 'yaml';
import { AptLayerError } from '../errors/index.ts';
import { readFileIfExists } from '../fs/index.ts';
import type { Host } from '../host/index.ts';

const MAX_BYTES = 1024 * 1024;

/** The keys of a machine's configuration; none without a file. CONFIG_INVALID for what is not YAML. */
export function readConfiguration(host: Pick<Host, 'sys'>, path: string): Readonly<Record<string, unknown>> {
  const data = readFileIfExists(host.sys, path, MAX_BYTES);
  if (data === undefined) return {};
  try {
    const settings: unknown = parse(data.toString('utf8'), { maxAliasCount: 0 });
    return typeof settings === 'object' && settings !== null && !Array.isArray(settings)
      ? (settings as Record<string, unknown>)
      : {};
  } catch (error) {
    throw new AptLayerError('CONFIG_INVALID', `${path}: ${(error as Error).message}`, {
      hint: `correct it, or move it away: without it the defaults hold`,
      cause: error,
    });
  }
}
