import { dirname, resolve } from 'node:path';
import { readFileBytes, readFileIfExists } from '../../fs/index.ts';
import type { Host } from '../../host/index.ts';
import { parseLock } from '../lock/index.ts';
import { parseSpec, renderSpec, resolvePaths } from '../spec/index.ts';
import type { SpecSource } from './change.ts';

const FILE_MAX_BYTES = 16 * 1024 * 1024;

/**
 * Reads a spec and, when there is one, the lock beside it (FILE.lock.json). The text returned is self-contained:
 * paths in it no longer depend on where the file was.
 */
export function readSpecFile(host: Host, path: string): SpecSource {
  const original = readFileBytes(host.sys, path, FILE_MAX_BYTES);
  const spec = parseSpec(original, path);
  const lockPath = `${path}.lock.json`;
  const lock = readFileIfExists(host.sys, lockPath, FILE_MAX_BYTES);
  return {
    text: renderSpec(resolvePaths(spec, dirname(resolve(path)))),
    file: path,
    ...(lock === undefined ? {} : { lock: parseLock(lock, lockPath) }),
  };
}
