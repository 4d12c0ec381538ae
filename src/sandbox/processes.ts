import { errnoOf } from '../errors/index.ts';
import type { Host } from '../host/index.ts';
import type { IdleOptions } from '../process/index.ts';

/** Of the kernel's clock that processes are told about, whatever its own is: USER_HZ. */
const TICK_MS = 10;
const COMMAND_LENGTH_MAX = 200;

interface Running {
  readonly pid: number;
  readonly parent: number;
  /** Processor time, with that of children which ended. */
  readonly usedMs: number;
}

/** How to tell whether what runs in a sandbox does something; `holder` is the process that holds the sandbox, below which orphans end up. */
export function idleOptions(host: Pick<Host, 'sys'>, holder: number, ms: number): IdleOptions {
  const known = new Map<number, number>();
  let total = 0;
  return {
    ms,
    processorMs(pid) {
      for (const one of below(host, [holder, pid])) {
        const before = known.get(one.pid) ?? 0;
        // A number may be given to another process.
        total += one.usedMs >= before ? one.usedMs - before : one.usedMs;
        known.set(one.pid, one.usedMs);
      }
      return total;
    },
    running: pid =>
      below(host, [pid])
        .map(one => commandOf(host, one.pid))
        .filter(line => line !== ''),
  };
}

/** All processes that some started, themselves or by others, in the order of how far they are from them. */
function below({ sys }: Pick<Host, 'sys'>, roots: readonly number[]): Running[] {
  const all = sys
    .readdir('/proc')
    .filter(name => /^\d+$/.test(name))
    .flatMap(name => statOf(readIfThere({ sys }, `/proc/${name}/stat`)));
  const found: Running[] = all.filter(one => roots.includes(one.pid));
  const seen = new Set(found.map(one => one.pid));
  for (const one of found)
    for (const child of all)
      if (child.parent === one.pid && !seen.has(child.pid)) {
        seen.add(child.pid);
        found.push(child);
      }
  return found;
}

/** proc_pid_stat(5): the name, which may hold anything, is within the outermost parentheses. */
function statOf(text: string): Running[] {
  const [, pid, rest] = /^(\d+) \(.*\) ([^)]*)$/s.exec(text) ?? [];
  if (pid === undefined || rest === undefined) return [];
  const fields = rest.split(' ');
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return [{ pid: Number(pid), parent: Number(fields[1]), usedMs: ticks * TICK_MS }];
}

function commandOf(host: Pick<Host, 'sys'>, pid: number): string {
  const words = readIfThere(host, `/proc/${pid}/cmdline`).split('\0').slice(0, -1);
  const line = words.join(' ');
  return line.length > COMMAND_LENGTH_MAX ? `${line.slice(0, COMMAND_LENGTH_MAX)}...` : line;
}

function readIfThere({ sys }: Pick<Host, 'sys'>, path: string): string {
  try {
    return sys.readFile(path).toString('utf8');
  } catch (error) {
    // It ended meanwhile.
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ESRCH') return '';
    throw error;
  }
}
