import type { Host } from '../host/index.ts';
import { type Command, CommandFailed, type Output, type RunOptions } from '../process/index.ts';
import { log } from '../report/index.ts';
import { entering } from './control-group.ts';
import { groupEvents, limitBetween, limitHint, type ReachedLimit } from './limits.ts';
import { mountPoints, withoutLinks } from './mount-point.ts';
import { nameResolution } from './name-resolution.ts';
import type { PrivateNetwork } from './private-network.ts';
import { idleOptions } from './processes.ts';
import type { Scratch } from './scratch.ts';
import { seccompFilter } from './seccomp/filter.ts';

export interface Bind {
  /** A path outside. */
  readonly source: string;
  /** Where it appears inside. */
  readonly target: string;
  readonly writable?: boolean;
}

export interface SandboxOptions {
  readonly command: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly binds?: readonly Bind[];
  /** The host's network, or one of its own. Without it there is only an unconfigured loopback. */
  readonly network?: 'host' | PrivateNetwork;
}

const ENVIRONMENT = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LC_ALL: 'C.UTF-8',
  HOME: '/root',
};

/** Where the scratch root is in the sandbox's own root, which only has its programs: the command runs in a chroot of it. */
const TARGET = '/target';

/** What a script finds below /sys: the directories of a machine without devices, to which it may write in vain. */
const DEVICE_DIRECTORIES = [
  ...[
    'block',
    'bus',
    'class/net/lo',
    'dev',
    'devices/system/cpu',
    'firmware',
    'fs/cgroup',
    'module',
    'power',
  ],
  'kernel/mm/transparent_hugepage',
];

/**
 * What maintainer scripts need of root's capabilities; docs/sandbox.md has the reason of each. DAC_READ_SEARCH must never
 * be among them: it opens any file of the host by its handle.
 */
const CAPABILITIES = [
  ...['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'KILL', 'SETGID', 'SETUID', 'SETPCAP', 'SETFCAP'],
  ...['SYS_CHROOT', 'MKNOD', 'NET_BIND_SERVICE'],
];

/** Files of /proc that tell root about the host: names of keys, addresses in memory. Each is masked where the kernel has it. */
const MASKED = ['keys', 'key-users', 'kcore', 'kallsyms', 'timer_list'];

/**
 * Runs a command as root inside a scratch root: own processes, IPC and host name, no network unless asked, /run and
 * /tmp in memory, a small environment, and nothing of the host visible but what is bound. Everything it started
 * ends with it, and at the latest with the scratch root.
 *
 * It runs in a chroot, as the first process of its process namespace does not: that is how systemctl, udevadm and ischroot
 * tell that there is no system to speak to, and ignore what they are told (systemd's running_in_chroot compares /proc/1/root with /).
 * /sys and /proc/sys are there in a form that keeps the host out of it.
 *
 * bwrap alone does not see to that: killed in its first milliseconds, it leaves the process behind that it has just
 * started. That one is still in the process group, which is why it gets no session of its own (the runner's has no
 * terminal), and in the scratch root's process namespace, which the kernel empties when its first process ends.
 */
export async function runInSandbox(
  host: Host,
  scratch: Scratch,
  options: SandboxOptions,
  runOptions: RunOptions = {},
): Promise<Output> {
  const { idleMs } = await host.scriptLimits();
  const idle = idleMs === 0 ? {} : { idle: idleOptions(host, scratch.pid, idleMs) };
  const before = groupEvents(host, scratch.entrances);
  const reached = () => limitBetween(before, groupEvents(host, scratch.entrances), scratch.limits);
  try {
    const output = await host.runner.run(sandboxCommand(host, scratch, options), { ...idle, ...runOptions });
    warnOf(host, reached());
    return output;
  } catch (error) {
    const limit = error instanceof CommandFailed ? reached() : undefined;
    throw error instanceof CommandFailed && limit !== undefined ? error.withLimit(limit) : error;
  }
}

/** The same with the terminal attached, and as long as the user likes; resolves to the exit code. */
export async function interactInSandbox(
  host: Host,
  scratch: Scratch,
  options: SandboxOptions,
): Promise<number> {
  const before = groupEvents(host, scratch.entrances);
  const exitCode = await host.runner.interact(sandboxCommand(host, scratch, options));
  warnOf(host, limitBetween(before, groupEvents(host, scratch.entrances), scratch.limits));
  return exitCode;
}

/** A command may go on without what was ended. */
function warnOf(host: Host, limit: ReachedLimit | undefined): void {
  if (limit === undefined) return;
  log(host.report, 'warning', `${limit.text}; ${limitHint(limit)}`);
}

function sandboxCommand(host: Host, scratch: Scratch, options: SandboxOptions): Command {
  const network = typeof options.network === 'object' ? options.network : undefined;
  const binds: readonly Bind[] = [
    ...(options.binds ?? []),
    ...(network ? nameResolution(host, scratch, network) : []),
  ];
  const masked = MASKED.filter(name => host.sys.lstatIfExists(`/proc/${name}`) !== undefined);
  const environment = Object.entries({ ...ENVIRONMENT, ...options.environment });
  const seen = (path: string) => `/proc/${scratch.pid}/root${path}`;
  const points = mountPoints(host, seen(scratch.root));
  // What ran before could write there.
  const random = withoutLinks(host, seen(scratch.kernelSettings), '/kernel/random');
  const [proc, dev, run, tmp, sys] = (['proc', 'dev', 'run', 'tmp', 'sys'] as const).map(
    name => TARGET + points.own[name],
  ) as [string, string, string, string, string];
  return entering(scratch.entrances, {
    tool: 'nsenter',
    args: [
      `--mount=/proc/${scratch.pid}/ns/mnt`,
      `--pid=/proc/${scratch.pid}/ns/pid_for_children`,
      ...(network ? [`--net=${network.namespace}`] : []),
      '--',
      'bwrap',
      ...['--ro-bind', scratch.outerRoot, '/', '--bind', scratch.root, TARGET],
      ...['--proc', proc, '--dev', dev, '--tmpfs', run],
      ...masked.flatMap(name => ['--ro-bind', '/dev/null', `${proc}/${name}`]),
      ...['--bind', scratch.kernelSettings, `${proc}/sys`],
      ...['--ro-bind', '/proc/sys/kernel/random', `${proc}/sys${random}`],
      // Root may write there what needs no capability, such as commands to drivers.
      ...['--remount-ro', proc],
      ...['--perms', '1777', '--tmpfs', tmp, '--tmpfs', sys],
      ...DEVICE_DIRECTORIES.flatMap(name => ['--dir', `${sys}/${name}`]),
      ...['--cap-drop', 'ALL'],
      ...CAPABILITIES.flatMap(name => ['--cap-add', `CAP_${name}`]),
      ...['--unshare-pid', '--unshare-ipc', '--unshare-uts', '--hostname', 'localhost', '--die-with-parent'],
      // The first of the inputs.
      ...['--seccomp', '4'],
      ...(options.network === undefined ? ['--unshare-net'] : []),
      '--clearenv',
      ...binds.flatMap(bind => [
        bind.writable ? '--bind' : '--ro-bind',
        bind.source,
        TARGET + points.of(bind.target),
      ]),
      ...environment.flatMap(([name, value]) => ['--setenv', name, value]),
      ...['--chdir', '/', '--', 'chroot', TARGET, ...options.command],
    ],
    // bwrap's own environment can be read as that of process 1.
    withoutUsersEnvironment: true,
    inputs: [seccompFilter(host.architecture)],
  });
}
