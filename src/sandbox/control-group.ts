import type { Host, ScriptLimits } from '../host/index.ts';
import { type Command, CommandFailed, type Held } from '../process/index.ts';
import { type GroupPlace, groupPlaces, type Limit } from './cgroup-places.ts';
import type { GroupLimits } from './limits.ts';

/** A control group with the program that was started in it. */
export interface Limited {
  readonly held: Held;
  /** Files that a process writes 0 to, to be in the group; empty where no group could be made. */
  readonly entrances: readonly string[];
  readonly limits: GroupLimits;
  /** Removes the group, which must have ended. */
  remove(): Promise<void>;
}

// Arguments: the group's name, its limits as groups of: the number of candidates, FILE=VALUE words separated by spaces (-FILE=VALUE where
// the kernel may have no such file), the candidates; then -- and the command. A candidate is a directory in which a group may be made; the first that takes it counts. What is above a mount of them is
// none, and would take files of any name. v2 wants it said above
// first that there are limits below, which only a directory without processes of its own takes. Groups of runs that were killed are removed.
const MAKE_SCRIPT = `name=$1
shift
while [ "$1" != -- ]; do
  count=$1 limits=$2
  shift 2
  joined=
  while [ "$count" -gt 0 ]; do
    directory=$1
    shift
    count=$((count - 1))
    [ -z "$joined" ] && [ -e "$directory/cgroup.procs" ] || continue
    for old in "$directory"/apt-layer-*; do
      pid=\${old##*/apt-layer-}
      [ -d "/proc/\${pid%%-*}" ] || rmdir "$old" || :
    done
    [ ! -e "$directory/cgroup.subtree_control" ] || echo +pids +memory >"$directory/cgroup.subtree_control" || continue
    mkdir "$directory/$name" || continue
    failed=
    for limit in $limits; do
      file=\${limit%%=*}
      [ "$file" = "\${file#-}" ] || [ -e "$directory/$name/\${file#-}" ] || continue
      echo "\${limit#*=}" >"$directory/$name/\${file#-}" || failed=yes
    done
    if [ -z "$failed" ] && echo 0 >"$directory/$name/cgroup.procs"; then joined=yes
    else rmdir "$directory/$name"
    fi
  done
done 2>/dev/null
shift
exec "$@"`;

/** Starts a program in a control group of its own with limits, or without one where none can be made. */
export async function holdLimited(host: Host, command: Command): Promise<Limited> {
  const name = `apt-layer-${process.pid}-${host.random(4).toString('hex')}`;
  const { processes, memory } = await host.scriptLimits();
  const limits = { tasks: processes, memoryBytes: memoryLimit(host, memory) };
  if (host.sys.lstatIfExists('/run/systemd/system') !== undefined) {
    const inScope = await holdInScope(host, command, { name, limits });
    if (inScope !== undefined) return inScope;
  }
  const places = placesOf(host, 'self');
  const groups = () =>
    places
      .flatMap(place => candidates(place).map(directory => `${directory}/${name}`))
      .filter(group => host.sys.lstatIfExists(group) !== undefined);
  const remove = async () => {
    const args = groups();
    // One that is still busy goes with the next run.
    if (args.length > 0) await host.runner.run({ tool: 'rmdir', args }, { okCodes: [0, 1] });
  };
  const held = await host.runner
    .hold(makingCommand(places, { name, limits }, command))
    .catch(async (error: unknown) => {
      await remove();
      throw error;
    });
  return { held, limits, entrances: groups().map(group => `${group}/cgroup.procs`), remove };
}

/** Runs a command in the group; it must not be gone. */
export function entering(entrances: readonly string[], { tool, args, ...rest }: Command): Command {
  if (entrances.length === 0) return { tool, args, ...rest };
  const script = 'set -e; while [ "$1" != -- ]; do echo 0 >"$1"; shift; done; shift; exec "$@"';
  return { tool: 'sh', args: ['-c', script, 'sh', ...entrances, '--', tool, ...args], ...rest };
}

interface Group {
  readonly name: string;
  readonly limits: GroupLimits;
}

function makingCommand(places: readonly GroupPlace[], { name, limits }: Group, command: Command): Command {
  const { tasks, memoryBytes } = limits;
  // Swap would only put off what is to end, and slow down the host meanwhile.
  const values: Record<Limit, number> = {
    ...{ tasks, memoryBytes, memoryAndSwapBytes: memoryBytes, swapBytes: 0 },
  };
  const words = places.flatMap(place => {
    const settings = Object.entries(place.limits).map(([limit, file]) => {
      const isOptional = limit === 'swapBytes' || limit === 'memoryAndSwapBytes';
      return `${isOptional ? '-' : ''}${file}=${values[limit as Limit]}`;
    });
    const directories = candidates(place);
    return [String(directories.length), settings.join(' '), ...directories];
  });
  if (words.length === 0) return command;
  const { tool, args, ...rest } = command;
  return { tool: 'sh', args: ['-c', MAKE_SCRIPT, 'sh', name, ...words, '--', tool, ...args], ...rest };
}

/** Below where we are; with v2, where that has processes and so no limits for what is below, beside it. */
function candidates({ directory, unified }: GroupPlace): string[] {
  return unified ? [directory, directory.slice(0, directory.lastIndexOf('/'))] : [directory];
}

/** The service manager's groups are its own: it is asked for one. Undefined where it does not answer. */
async function holdInScope(
  host: Host,
  command: Command,
  { name, limits }: Group,
): Promise<Limited | undefined> {
  const { tool, args, ...rest } = command;
  const properties = [
    ...[`TasksMax=${limits.tasks}`, `MemoryMax=${limits.memoryBytes}`, 'MemorySwapMax=0'],
    // Processes of ours enter it later, which systemd leaves to those that it gave a group to.
    'Delegate=yes',
  ];
  const options = ['--scope', '--quiet', '--collect', `--unit=${name}`];
  const words = [...options, ...properties.map(property => `--property=${property}`), '--', tool, ...args];
  const held = await host.runner
    .hold({ tool: 'systemd-run', args: words, ...rest })
    .catch((error: unknown) => {
      const isOfSystemd =
        error instanceof CommandFailed ? /^Failed to /m.test(error.stderrTail) : isMissing(error);
      if (isOfSystemd) return undefined;
      throw error;
    });
  if (held === undefined) return undefined;
  const entrances = placesOf(host, held.pid).map(({ directory }) => `${directory}/cgroup.procs`);
  return { held, entrances, limits, remove: async () => undefined };
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && error.message.includes('is not installed');
}

function placesOf(host: Host, pid: number | 'self'): GroupPlace[] {
  const read = (path: string) =>
    host.sys.lstatIfExists(path) === undefined ? '' : host.sys.readFile(path).toString('latin1');
  return groupPlaces(read(`/proc/${pid}/cgroup`), read('/proc/self/mountinfo'));
}

/** The host goes on with the rest. */
function memoryLimit(host: Host, memory: ScriptLimits['memory']): number {
  if ('bytes' in memory) return memory.bytes;
  const text = host.sys.readFile('/proc/meminfo').toString('latin1');
  const kibibytes = Number(/^MemAvailable:\s+(\d+) kB/m.exec(text)?.[1] ?? 0);
  return Math.floor(kibibytes * memory.part) * 1024;
}

/** Whether what runs in the sandbox can be limited here, by what name: where its groups are made; undefined when it cannot. */
export async function whereLimited(host: Host): Promise<string | undefined> {
  const limited = await holdLimited(host, { tool: 'sh', args: ['-c', 'echo ready; cat >/dev/null'] });
  await limited.held.release();
  await limited.remove();
  return limited.entrances[0]?.replace(/\/[^/]*\/cgroup\.procs$/, '');
}
