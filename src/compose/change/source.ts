import { readFileBytes, readFileIfExists } from '../../fs/index.ts';
import type { Host } from '../../host/index.ts';
import type { Sysroot } from '../../transaction/index.ts';
import { type LintFinding, lintSpec } from '../lint/index.ts';
import { parseLock } from '../lock/index.ts';
import { loadSpec, parseSpec, renderSpec, type SpecText } from '../spec/index.ts';
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
    ...specFileTexts(host, path),
    file: path,
    ...(lock === undefined ? {} : { lock: parseLock(lock, lockPath) }),
  };
}

/** The text of a spec with what it includes. */
export function specFileText(host: Host, path: string): string {
  return specFileTexts(host, path).text;
}

/** The same, with the texts of the files that it was made of. */
function specFileTexts(host: Host, path: string): Pick<SpecSource, 'text'> & { texts: SpecText[] } {
  const texts: SpecText[] = [];
  const spec = loadSpec(file => {
    const bytes = readFileBytes(host.sys, file, FILE_MAX_BYTES);
    texts.push({ file: texts.length === 0 ? path : file, text: bytes.toString('utf8') });
    return bytes;
  }, path);
  assertInputFiles(host, spec, path);
  return { text: renderSpec(spec), texts };
}

/** What `lint` says about a spec file. */
export function lintFile(at: Sysroot, path: string): LintFinding[] {
  const { text, lock } = readSpecFile(at.host, path);
  return lintSpec(parseSpec(text, path), {
    ...{ hasLock: lock !== undefined, now: at.host.clock() },
    running: runningName(at),
  });
}
