import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Result } from '../../support/command.ts';
import { temporaryDirectory } from '../../support/temporary.ts';
import { AGENT_ARGUMENTS, AGENT_PORT, type Agent, connectAgent } from './agent.ts';
import { type Console, createConsole } from './console.ts';
import { type Firmware, firmwareArguments } from './firmware.ts';
import { connectMonitor, type Monitor } from './qmp.ts';

export interface VmOptions {
  /** Changed by the machine; `.qcow2` or raw. See `overlay` for a disk that leaves its base alone. */
  readonly disk: string;
  readonly firmware: Firmware;
  /** UEFI's variables, when they must outlive the machine. */
  readonly variables?: string;
  /** It reaches the loopback of this machine at 10.0.2.2, once `NETWORK_UP` has run in it. */
  readonly network?: boolean;
  /** Goes on from a state that `save` made on this disk. */
  readonly snapshot?: string;
}

/** A machine in QEMU, by software emulation. Disposal pulls the plug. */
export interface Vm extends AsyncDisposable {
  /** The serial console so far. */
  readonly console: string;
  /** Waits for text on the console, from where the last match ended. */
  expect(pattern: RegExp, seconds: number): Promise<RegExpExecArray>;
  /** Types on the console. */
  type(text: string): void;
  /** Until the agent answers. */
  ready(seconds?: number): Promise<void>;
  /** Runs a command of bash as root through the agent, whatever its exit code. */
  run(command: string, seconds?: number): Promise<Result>;
  /** The stdout of a command that must succeed, without white space around it. */
  must(command: string, seconds?: number): Promise<string>;
  /** The boot in which the agent answered last; undefined before the first. */
  readonly boot: string | undefined;
  /** Waits for the agent in a boot that comes after that one. */
  bootAfter(boot: string | undefined, seconds?: number): Promise<void>;
  /** Restarts, and waits for the agent in the next boot. */
  reboot(seconds?: number): Promise<void>;
  powerOff(seconds?: number): Promise<void>;
  /** Memory and disk into the disk, which must be qcow2. Not with UEFI: its variables are no part of it. */
  save(snapshot: string): Promise<void>;
  /** Pulls the plug: nothing that the machine did not flush is kept by anything but the host's memory. */
  kill(): Promise<void>;
  /** Resolves when the machine is off. */
  readonly ended: Promise<void>;
}

/** Waits until the boot is confirmed, and until what that starts has left the sysroot's lock alone. */
export const CONFIRMED =
  'systemctl start apt-layer-confirm.service && sleep 1 && ' +
  'while systemctl is-active apt-layer-verity.service apt-layer-cleanup.service | grep -q ^activating; do sleep 1; done';

/** Gives a machine that was started with `network` its address; it needs iproute2. */
export const NETWORK_UP =
  'dev=$(ls /sys/class/net | grep -v lo); ip link set "$dev" up; ip address add 10.0.2.15/24 dev "$dev"';

// Generous: what else the machine of the tests does makes a boot several times as long.
const BOOT_SECONDS = 900;
const RUN_SECONDS = 600;

/** Starts a machine; it may take a minute until it says something. */
export async function startVm(options: VmOptions): Promise<Vm> {
  const own = temporaryDirectory('vm');
  const qemu = spawn('setpriv', ['--pdeathsig', 'KILL', ...commandLine(options, own.path)]);
  const screen = createConsole();
  qemu.stdout.on('data', (data: Buffer) => screen.add(data));
  qemu.stderr.on('data', (data: Buffer) => screen.add(data));
  qemu.stdin.on('error', () => undefined);
  const ended = new Promise<void>((resolve, reject) => {
    qemu.once('error', reject);
    qemu.once('close', () => {
      screen.close();
      resolve(own[Symbol.asyncDispose]());
    });
  });
  const alive = () => qemu.exitCode === null && qemu.signalCode === null;
  try {
    const agent = await connectAgent(path.join(own.path, 'agent'), alive);
    const monitor = await connectMonitor(path.join(own.path, 'qmp'));
    return withAgent({ qemu, screen, agent, monitor, ended });
  } catch (error) {
    qemu.kill('SIGKILL');
    await ended;
    throw screen.failure(`the machine does not start: ${(error as Error).message}`);
  }
}

function commandLine(
  { disk, firmware, variables, snapshot, network = false }: VmOptions,
  own: string,
): string[] {
  const format = disk.endsWith('.qcow2') ? 'qcow2' : 'raw';
  return [
    // QEMU 7.2 emulates cmpxchg16b wrongly: kernels fault in their allocator.
    ...['qemu-system-x86_64', '-accel', 'tcg,thread=multi', '-cpu', 'max,cx16=off,la57=off'],
    ...['-smp', '2', '-m', '1536', '-machine', 'q35', '-display', 'none', '-serial', 'stdio'],
    ...(network ? ['-nic', 'user,model=virtio-net-pci'] : ['-net', 'none']),
    ...['-monitor', 'none', '-qmp', `unix:${path.join(own, 'qmp')},server=on,wait=off`],
    ...['-drive', `file=${disk},if=virtio,format=${format}`, '-device', 'virtio-rng-pci'],
    ...['-chardev', `socket,id=agent,path=${path.join(own, 'agent')},server=on,wait=on`],
    ...['-device', 'virtio-serial-pci', '-device', `virtserialport,chardev=agent,name=${AGENT_PORT}`],
    ...AGENT_ARGUMENTS,
    ...firmwareArguments(firmware, variables ?? path.join(own, 'variables.fd')),
    ...(snapshot === undefined ? [] : ['-loadvm', snapshot]),
  ];
}

interface Parts {
  readonly qemu: ChildProcess;
  readonly screen: Console;
  readonly agent: Agent;
  readonly monitor: Monitor;
  readonly ended: Promise<void>;
}

function withAgent({ qemu, screen, agent, monitor, ended }: Parts): Vm {
  const kill = async () => {
    qemu.kill('SIGKILL');
    agent.close();
    monitor.close();
    await ended;
  };
  const limited = async <T>(work: Promise<T>, seconds: number, what: string): Promise<T> => {
    const stop = new AbortController();
    const late = sleep(seconds * 1000, undefined, { signal: stop.signal }).then(() => {
      throw screen.failure(`${what} took longer than ${seconds} s`);
    });
    // The one that loses must not be an unhandled rejection.
    late.catch(() => undefined);
    try {
      return await Promise.race([work, late]);
    } finally {
      stop.abort();
    }
  };
  const run = (command: string, seconds = RUN_SECONDS) => limited(agent.run(command), seconds, command);
  const bootOtherThan = async (boot: string | undefined) => {
    for (; agent.boot === boot; await sleep(100)) {
      if (qemu.exitCode !== null || qemu.signalCode !== null) throw screen.failure('the machine ended');
    }
  };
  return {
    run,
    kill,
    ended,
    get console() {
      return screen.text;
    },
    expect: (pattern, seconds) => screen.expect(pattern, seconds),
    type: text => void qemu.stdin?.write(text),
    ready: (seconds = BOOT_SECONDS) => limited(bootOtherThan(undefined), seconds, 'starting'),
    async must(command, seconds) {
      const { code, stdout, stderr } = await run(command, seconds);
      if (code !== 0) throw screen.failure(`'${command}' ended with ${code}: ${stderr || stdout}`);
      return stdout.trim();
    },
    get boot() {
      return agent.boot;
    },
    bootAfter: (boot, seconds = BOOT_SECONDS) => limited(bootOtherThan(boot), seconds, 'restarting'),
    async reboot(seconds = BOOT_SECONDS) {
      const before = agent.boot;
      agent.send('systemctl --no-block reboot');
      await limited(bootOtherThan(before), seconds, 'restarting');
    },
    async powerOff(seconds = BOOT_SECONDS) {
      agent.send('systemctl --no-block poweroff');
      await limited(ended, seconds, 'powering off');
    },
    save: snapshot => monitor.human(`savevm ${snapshot}`),
    [Symbol.asyncDispose]: kill,
  };
}
