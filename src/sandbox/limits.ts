import { CONFIGURATION_FILE, type Host } from '../host/index.ts';
import type { CommandFailed } from '../process/index.ts';

/** How much what runs in a sandbox may take together. */
export interface GroupLimits {
  readonly tasks: number;
  readonly memoryBytes: number;
}

/** How often a control group ran into its limits so far. */
export interface GroupEvents {
  /** Processes that the kernel ended since there was no memory for them. */
  readonly memory: number;
  /** Processes that could not be started. */
  readonly tasks: number;
}

/** A limit that something in a sandbox ran into. */
export interface ReachedLimit {
  /** What happened, as the end of a message. */
  readonly text: string;
  /** The key of the configuration that sets it. */
  readonly key: string;
}

/** Reads them from the group's files: of cgroup v2, and of v1, where each limit may have a group of its own. */
export function groupEvents({ sys }: Pick<Host, 'sys'>, entrances: readonly string[]): GroupEvents {
  const count = (name: string, key: string) => {
    const paths = entrances.map(entrance => entrance.replace(/cgroup\.procs$/, name));
    const texts = paths.map(path =>
      sys.lstatIfExists(path) === undefined ? '' : sys.readFile(path).toString('latin1'),
    );
    return texts.reduce(
      (sum, text) => sum + Number(new RegExp(`^${key} (\\d+)$`, 'm').exec(text)?.[1] ?? 0),
      0,
    );
  };
  return {
    memory: count('memory.events', 'oom_kill') + count('memory.oom_control', 'oom_kill'),
    tasks: count('pids.events', 'max'),
  };
}

/** Which limit was run into between two readings; undefined for none. Of both, the memory tells more. */
export function limitBetween(
  before: GroupEvents,
  after: GroupEvents,
  { tasks, memoryBytes }: GroupLimits,
): ReachedLimit | undefined {
  if (after.memory > before.memory)
    return {
      text: `the kernel ended a process for want of memory: all together may take ${mebibytes(memoryBytes)}`,
      key: 'script-memory',
    };
  if (after.tasks > before.tasks)
    return {
      text: `a process could not be started: there may be ${tasks} at a time`,
      key: 'script-processes',
    };
  return undefined;
}

/** The limit that a command which failed in a sandbox ran into; undefined for none. */
export function reachedLimit(error: CommandFailed): ReachedLimit | undefined {
  const { idle } = error;
  if (idle === undefined) return error.limit;
  const last = idle.running.at(-1);
  const doing = last === undefined ? '' : `, and was ended while it ran \`${last}\``;
  return {
    text: `it said nothing and used no processor for ${duration(idle.ms)}${doing}`,
    key: 'script-idle-time',
  };
}

/** What to do about it. */
export function limitHint({ key }: ReachedLimit): string {
  return `\`${key}\` in ${CONFIGURATION_FILE} sets the limit`;
}

function mebibytes(bytes: number): string {
  return `${Math.floor(bytes / 2 ** 20)} MiB`;
}

function duration(ms: number): string {
  return ms % 60_000 === 0 ? `${ms / 60_000} minutes` : `${ms / 1000} seconds`;
}
