import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Result } from '../../support/command.ts';
import { lineWatch, onLines } from '../../support/line-watch.ts';

/** Name of the virtio-serial port that the agent listens on. */
export const AGENT_PORT = 'apt-layer.test';

// Lines both ways: `ID BASE64-COMMAND` in; `ready BOOT-ID` and `done ID CODE BASE64-STDOUT BASE64-STDERR` out.
const AGENT = `out=$(mktemp) err=$(mktemp)
while sleep 0.2; do
  exec 3<>/dev/virtio-ports/${AGENT_PORT} || continue
  echo "ready $(cat /proc/sys/kernel/random/boot_id)" >&3
  while read -r id command <&3; do
    bash -c "$(base64 -d <<<"$command")" >"$out" 2>"$err" </dev/null 3>&-
    echo "done $id $? $(base64 -w0 "$out") $(base64 -w0 "$err")." >&3
  done
done
`;

const UNIT = `[Unit]
Description=Runs what the test says
[Service]
ExecStart=/bin/bash -c 'eval "$$(base64 -d <<<${Buffer.from(AGENT).toString('base64')})"'
StandardOutput=journal+console
`;

/**
 * Arguments of QEMU that give a machine the agent as credentials (systemd.system-credentials(7)), so that its image is exactly what was
 * built. Systemd reads them from version 256 on.
 */
export const AGENT_ARGUMENTS: readonly string[] = [
  credential('systemd.extra-unit.apt-layer-test.service', UNIT),
  credential('systemd.unit-dropin.multi-user.target', '[Unit]\nWants=apt-layer-test.service\n'),
].flatMap(value => ['-smbios', `type=11,value=${value}`]);

function credential(name: string, text: string): string {
  // A comma ends a value of QEMU's; base64 has none.
  return `io.systemd.credential.binary:${name}=${Buffer.from(text).toString('base64')}`;
}

/** The host's end. */
export interface Agent {
  /** The boot that the agent last said it came up in. */
  readonly boot: string | undefined;
  run(command: string): Promise<Result>;
  /** Has a command run that may end the machine before it answers. */
  send(command: string): void;
  close(): void;
}

/** Connects to the socket of the port; QEMU waits for this before it starts the machine. */
export async function connectAgent(socketPath: string, alive: () => boolean): Promise<Agent> {
  const socket = await connect(socketPath, alive);
  const lines = lineWatch();
  let boot: string | undefined;
  let count = 0;
  onLines(socket.setEncoding('utf8'), line => {
    boot = /ready ([0-9a-f-]{36})$/.exec(line)?.[1] ?? boot;
    lines.add(line);
  });
  socket.on('error', () => socket.destroy());
  socket.on('close', () => lines.end('the machine ended'));
  const send = (command: string) => {
    count += 1;
    const id = `${process.pid}-${count}`;
    socket.write(`${id} ${Buffer.from(command).toString('base64')}\n`);
    return id;
  };
  return {
    send,
    get boot() {
      return boot;
    },
    async run(command) {
      const answer = lines.waitFor(new RegExp(`done ${send(command)} `));
      const [, , code, stdout = '', stderr = ''] = (await answer).replace(/^.*done /, 'done ').split(' ');
      return { code: Number(code), stdout: decoded(stdout), stderr: decoded(stderr.replace(/\.$/, '')) };
    },
    close: () => void socket.destroy(),
  };
}

function decoded(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8');
}

async function connect(socketPath: string, alive: () => boolean): Promise<net.Socket> {
  for (;;) {
    const socket = net.connect(socketPath);
    const error = await new Promise<NodeJS.ErrnoException | undefined>(resolve => {
      socket.once('connect', () => resolve(undefined));
      socket.once('error', resolve);
    });
    if (error === undefined) return socket;
    // QEMU has not made it yet.
    if ((error.code !== 'ENOENT' && error.code !== 'ECONNREFUSED') || !alive()) throw error;
    await sleep(50);
  }
}
