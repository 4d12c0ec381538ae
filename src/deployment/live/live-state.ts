import { readFileIfExists, writeFileDurable } from '../../fs/index.ts';
import type { Host } from '../../host/index.ts';
import { parseStateFile, STATE_FILE_MAX_BYTES } from '../../transaction/index.ts';

/** What was changed on the running system and goes with the next boot. */
export interface LiveState {
  /** The deployment whose /usr was put in the place of the booted one's. */
  readonly replaced: string | undefined;
  /** /usr can be written to; what is written is in memory. */
  readonly unlocked: boolean;
}

const NOTHING: LiveState = { replaced: undefined, unlocked: false };

/** Needs no root. */
export function readLiveState(host: Host): LiveState {
  const path = statePath(host);
  const data = readFileIfExists(host.sys, path, STATE_FILE_MAX_BYTES);
  if (data === undefined) return NOTHING;
  const { replaced, unlocked } = parseStateFile(path, data);
  return {
    replaced: typeof replaced === 'string' ? replaced : undefined,
    unlocked: unlocked === true,
  };
}

/** Notes a change; it lives as long as the running system. */
export function noteLiveState(host: Host, change: Partial<LiveState>): void {
  const state = { ...readLiveState(host), ...change };
  writeFileDurable(host.sys, statePath(host), `${JSON.stringify({ version: 1, ...state })}\n`);
}

function statePath(host: Host): string {
  return `${host.runDirectory}/live`;
}
