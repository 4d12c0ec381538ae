import { errnoOf } from '../errors/index.ts';
import { readFileIfExists } from '../fs/index.ts';
import type { Sys } from '../sys/index.ts';
import { parseObject, STATE_FILE_MAX_BYTES } from './json.ts';
import { type Sysroot, statePaths } from './paths.ts';

/**
 * Who holds the lock, as written beside it. Only the flock decides who may write; this is for messages and for
 * `status`, so a stale or damaged file is nobody.
 */
export interface Holder {
  readonly verb: string;
  readonly commandLine: string;
  readonly transaction: string;
  readonly pid: number;
  /** Start time of the process in the kernel's ticks: a later process with the same pid has another. */
  readonly startTicks: string;
  /** Seconds since the epoch. */
  readonly sinceSeconds: number;
}

export function serializeHolder(holder: Holder): string {
  return `${JSON.stringify({ version: 1, ...holder })}\n`;
}

export function parseHolder(data: Buffer): Holder | undefined {
  const value = parseObject(data.toString('utf8'));
  if (value?.['version'] !== 1) return undefined;
  const { verb, commandLine, transaction, pid, startTicks, sinceSeconds } = value;
  if (typeof verb !== 'string' || typeof commandLine !== 'string' || typeof transaction !== 'string')
    return undefined;
  if (!Number.isSafeInteger(pid) || typeof startTicks !== 'string' || !Number.isFinite(sinceSeconds))
    return undefined;
  return {
    verb,
    commandLine,
    transaction,
    pid: pid as number,
    startTicks,
    sinceSeconds: sinceSeconds as number,
  };
}

/** The transaction that is running now, without touching the lock: its holder must still be the same process. */
export function readHolder({ host: { sys }, sysroot }: Sysroot): Holder | undefined {
  const data = readFileIfExists(sys, statePaths(sysroot).holder, STATE_FILE_MAX_BYTES);
  const holder = data === undefined ? undefined : parseHolder(data);
  return holder !== undefined && processStart(sys, holder.pid) === holder.startTicks ? holder : undefined;
}

/** Start time of a process in ticks since boot; undefined when there is none (any more), or only what its parent is to collect. */
export function processStart(sys: Sys, pid: number): string | undefined {
  try {
    const text = sys.readFile(`/proc/${pid}/stat`).toString('latin1');
    // Field 22 of proc(5); the name in field 2 may hold spaces and parentheses.
    const [state = '', ...fields] = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return 'ZX'.includes(state) ? undefined : fields[18];
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'ENOENT' || errno === 'ESRCH' || errno === 'EACCES') return undefined;
    throw error;
  }
}

/** How the holder is named in messages: "`layer vim` (pid 123) has been running for 2 min 3 s". */
export function describeHolder(holder: Holder, now: Date): string {
  const seconds = Math.max(0, Math.round(now.getTime() / 1000 - holder.sinceSeconds));
  return `\`${holder.commandLine}\` (pid ${holder.pid}) has been running for ${describeDuration(seconds)}`;
}

function describeDuration(seconds: number): string {
  const parts = [
    [Math.floor(seconds / 86400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ] as const;
  const first = parts.findIndex(([count]) => count > 0);
  if (first === -1) return '0 s';
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ');
}
