import { AptLayerError } from '../../errors/index.ts';
import type { Host } from '../../host/index.ts';

/** Refuses (FAILED) a machine that runs from a deployment of any sysroot. */
export function refuseBooted({ sys, runDirectory }: Host, hint: string): void {
  if (sys.lstatIfExists(`${runDirectory}/booted`) === undefined) return;
  throw new AptLayerError('FAILED', 'this machine runs from a deployment already', { hint });
}
