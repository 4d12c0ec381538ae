import { readFileBytes, readFileIfExists } from '../../fs/index.ts';
import type { Host } from '../../host/index.ts';
import type { Sysroot } from '../../transaction/index.ts';
import { type LintFinding, lintSpec } from '../lint/index.ts';
import { parseLock } from '../lock/index.ts';
import { loadSpec, parseSpec, renderSpec } from '../spec/index.ts';
import { assertInputFiles } from './assert-inputs.ts';
import type { SpecSource } from './change.ts';
import { runningName } from './running-name.ts';

const FILE_MAX_BYTES = 16 * 1024 * 1024;

/**
 * Reads a spec with what it includes and, when there is one, the lock beside it (FILE.lock.json). The text returned is
 * self-contained: paths in it no longer depend on where the file was.
 */
export function readSpecFile(host: Host, path: string): SpecSource {
  const lockPath = `${path}.lock.json`;
  const lock = readFileIfExists(host.sys, lockPath, FILE_MAX_BYTES);
  return {
    text: specFileText(host, path),
    file: path,
    ...(lock === undefined ? {} : { lock: parseLock(lock, lockPath) }),
  };
}

/** The text of a spec with what it includes. */
export function specFileText(host: Host, path: string): string {
  const spec = loadSpec(file => readFileBytes(host.sys, file, FILE_MAX_BYTES), path);
  assertInputFiles(host, spec, path);
  return renderSpec(spec);
}

/** What `lint` says about a spec file. */
export function lintFile(at: Sysroot, path: string): LintFinding[] {
  const { text, lock } = readSpecFile(at.host, path);
  return lintSpec(parseSpec(text, path), { hasLock: lock !== undefined, running: runningName(at) });
}
