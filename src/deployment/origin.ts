import { readFileBytes } from '../fs/index.ts';
import type { Sysroot } from '../transaction/index.ts';
import { deploymentPath } from './paths.ts';

/** What a deployment was built from; the formats belong to compose/. */
export interface Origin {
  readonly specText: string;
  readonly lockText: string;
}

const MAX_BYTES = 16 * 1024 * 1024;

/** Reads the spec and the lock of a deployment that was listed. */
export function readOrigin(at: Sysroot, id: string): Origin {
  return { specText: readOriginFile(at, id, 'spec.yaml'), lockText: readOriginFile(at, id, 'lock.json') };
}

/** One of the two alone: either may be damaged without the other. */
export function readOriginFile(
  { host, sysroot }: Sysroot,
  id: string,
  name: 'spec.yaml' | 'lock.json',
): string {
  return readFileBytes(host.sys, `${deploymentPath(sysroot, id)}/${name}`, MAX_BYTES).toString('utf8');
}
