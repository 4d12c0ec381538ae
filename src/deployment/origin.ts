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
export function readOrigin({ host, sysroot }: Sysroot, id: string): Origin {
  const directory = deploymentPath(sysroot, id);
  const text = (name: string) => readFileBytes(host.sys, `${directory}/${name}`, MAX_BYTES).toString('utf8');
  return { specText: text('spec.yaml'), lockText: text('lock.json') };
}
