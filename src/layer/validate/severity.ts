import type { ValidationMode } from '../scripts/index.ts';
import type { ImageFinding } from './finding.ts';

/** A package as policies for scripts name it. */
export interface Scripted {
  readonly name: string;
  readonly architecture: string;
}

/** How a package's scripts are looked at; of none, what holds for all. */
export type ModeOf = (one: Scripted | undefined) => ValidationMode;

const STRICTEST_FIRST: readonly ValidationMode[] = ['strict', 'warn', 'skip'];

/**
 * What a difference means that scripts made and none of them names. The strictest mode of those that may have made it decides,
 * or, when nothing points to one, that of the package whose path it is. What no package has is never an error.
 */
export function severityOf(
  modeOf: ModeOf,
  { shipper, suspects }: { shipper: Scripted | undefined; suspects: readonly Scripted[] },
): ImageFinding['severity'] {
  const modes = suspects.length > 0 ? suspects.map(modeOf) : [modeOf(shipper)];
  const mode = STRICTEST_FIRST.find(one => modes.includes(one));
  if (mode === 'skip') return 'skipped';
  return mode === 'strict' && shipper !== undefined ? 'error' : 'warning';
}
