import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A machine in QEMU, by software emulation, whose serial console is read and typed on. */
export interface Machine extends AsyncDisposable {
  /** Waits for text on the console, from where the last one ended. Fails with the end of what was there. */
  expect(pattern: RegExp, seconds: number): Promise<void>;
  /** Logs in as root at the prompt of a booted system. */
  login(password: string, seconds: number): Promise<void>;
  /** Runs a command in the shell of `login`. */
  run(command: string, seconds?: number): Promise<{ readonly code: number; readonly output: string }>;
  /** Types something, without waiting for it. */
  type(text: string): void;
  /** Pulls the plug. */
  kill(): Promise<void>;
}

const FIRMWARE = '/usr/share/OVMF/OVMF_CODE_4M.fd';
const VARIABLES = '/usr/share/OVMF/OVMF_VARS_4M.fd';

/**
 * Starts a machine with one disk. `firmware`: UEFI keeps its variables in the file at `variables`. The processor lacks what this version
 * of QEMU emulates wrongly: with cmpxchg16b kernels fault in their allocator.
 */
export function startMachine(options: {
  readonly disk: string;
  readonly firmware: 'uefi' | 'bios';
  readonly variables: string;
}): Machine {
  const { disk, firmware, variables } = options;
  if (!fs.existsSync(variables)) fs.copyFileSync(VARIABLES, variables);
  const uefi = [
    ...['-drive', `if=pflash,format=raw,readonly=on,file=${FIRMWARE}`],
    ...['-drive', `if=pflash,format=raw,file=${variables}`],
  ];
  const qemu = spawn('qemu-system-x86_64', [
    ...['-accel', 'tcg,thread=multi', '-cpu', 'max,cx16=off,la57=off', '-smp', '2', '-m', '1536'],
    ...['-machine', 'q35', '-nographic', '-monitor', 'none', '-serial', 'stdio', '-net', 'none'],
    ...['-drive', `file=${disk},if=virtio,format=raw`],
    ...(firmware === 'uefi' ? uefi : []),
  ]);
  return withConsole(qemu);
}

/** Without what systemd and the kernel write on the same console: a boot may still be going on. */
function withoutStatus(text: string): string {
  return text
    .replace(/\r|\u001b\[[0-9;?]*[A-Za-z]/g, '')
    .split('\n')
    .filter(
      line => !/^\s*\[\s*(OK|FAILED|DEPEND|[0-9]+\.[0-9]+)\s*\]|^ {9}(Starting|Stopping|Mounting)/.test(line),
    )
    .join('\n');
}

function withConsole(qemu: ChildProcess): Machine {
  const screen = { text: '', position: 0 };
  let count = 0;
  for (const stream of [qemu.stdout, qemu.stderr])
    stream?.on('data', (data: Buffer) => {
      screen.text += data.toString('latin1');
    });
  const ended = new Promise<void>(resolve => qemu.once('close', () => resolve()));
  const type = (text: string) => void qemu.stdin?.write(text);
  const find = async (pattern: RegExp, seconds: number): Promise<RegExpExecArray> => {
    for (const end = Date.now() + seconds * 1000; ; ) {
      const match = new RegExp(pattern, 'g');
      match.lastIndex = screen.position;
      const found = match.exec(screen.text);
      if (found !== null) {
        screen.position = match.lastIndex;
        return found;
      }
      if (qemu.exitCode !== null || Date.now() > end)
        throw new Error(
          `no ${pattern} within ${seconds} s; the console ends with\n${screen.text.slice(-4000)}`,
        );
      await sleep(100);
    }
  };
  const run = async (command: string, seconds = 180) => {
    count += 1;
    const from = screen.text.length;
    // The mark is put together by the shell, so that an echo of the command is none.
    type(`{ ${command}; } 2>&1; echo "@@""${count}:$?@@"\n`);
    const mark = await find(new RegExp(`@@${count}:(\\d+)@@`), seconds);
    return { code: Number(mark[1]), output: withoutStatus(screen.text.slice(from, mark.index)) };
  };
  const kill = async () => {
    qemu.kill('SIGKILL');
    await ended;
  };
  return {
    type,
    run,
    kill,
    expect: async (pattern, seconds) => void (await find(pattern, seconds)),
    async login(password, seconds) {
      await find(/login: /, seconds);
      await sleep(1000);
      type('root\n');
      await find(/Password: /, 60);
      await sleep(500);
      type(`${password}\n`);
      await find(/# /, 60);
      type("stty -echo cols 200; TERM=dumb; PS1=''; PS2=''; export TERM\n");
      await sleep(1000);
      await run('dmesg -n 1');
    },
    [Symbol.asyncDispose]: kill,
  };
}
