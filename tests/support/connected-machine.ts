import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import { killIfAlive } from './command.ts';
import { onLines } from './line-watch.ts';
import { temporaryDirectory } from './temporary.ts';

/**
 * A machine in network namespaces, so that this one's network plays no part: it has a loopback, a resolver on it, and a default route to a
 * neighbour. On each of loopback and neighbour a server tells its own secret to whoever asks.
 */
export interface ConnectedMachine extends AsyncDisposable {
  /** Words before a command that is to run on the machine. */
  readonly enter: readonly string[];
  readonly neighbour: { readonly address: string; readonly port: number; readonly secret: string };
  readonly loopback: { readonly port: number; readonly secret: string };
  /** What the resolver says to any question about the address of a name. */
  readonly resolved: string;
}

const PORT = 8091;
const MACHINE = '198.51.100.2';
const NEIGHBOUR = '198.51.100.1';
const RESOLVED = '198.51.100.99';
const SECRETS = { neighbour: 'the secret of the neighbour', loopback: 'the secret of the loopback' };

// Arguments: a secret, the port, and the port of a resolver or nothing.
const SERVER = `
const [secret, port, resolver] = process.argv.slice(1);
require('node:net').createServer(s => s.on('error', () => {}).end(secret + '\\n')).listen(Number(port), '::', () => console.log('ready'));
const udp = require('node:dgram').createSocket('udp6');
udp.on('message', (_, from) => udp.send(secret + '\\n', from.port, from.address)).bind(Number(port), '::');
if (resolver) {
  const dns = require('node:dgram').createSocket('udp4');
  const answer = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, ...'${RESOLVED}'.split('.').map(Number)]);
  dns.on('message', (asked, from) => {
    const end = asked.indexOf(0, 12) + 5;
    const isAddress = asked.readUInt16BE(end - 4) === 1;
    const head = Buffer.from([asked[0], asked[1], 0x81, 0x80, 0, 1, 0, isAddress ? 1 : 0, 0, 0, 0, 0]);
    dns.send(Buffer.concat([head, asked.subarray(12, end), isAddress ? answer : Buffer.alloc(0)]), from.port, from.address);
  }).bind(Number(resolver), '127.0.0.53');
}`;

// Arguments: the file to show as /etc/resolv.conf, and the server.
const MACHINE_SCRIPT = `set -e
mount --bind "$1" /etc/resolv.conf
ip link set lo up
ip link add v0 type veth peer name v1
ip address add ${MACHINE}/24 dev v0
ip -6 address add fd00:5::2/64 dev v0 nodad
ip link set v0 up
unshare --net sleep 3600 &
until [ "$(readlink "/proc/$!/ns/net")" != "$(readlink /proc/self/ns/net)" ]; do sleep 0.01; done
ip link set v1 netns "$!"
neighbour=$!
nsenter --net="/proc/$neighbour/ns/net" sh -c 'ip address add ${NEIGHBOUR}/24 dev v1; ip link set v1 up; ip link set lo up'
ip route add default via ${NEIGHBOUR}
ip -6 route add default via fd00:5::1
nsenter --net="/proc/$neighbour/ns/net" node -e "$2" '${SECRETS.neighbour}' ${PORT} &
node -e "$2" '${SECRETS.loopback}' ${PORT} 53 &
wait`;

export async function connectedMachine(): Promise<ConnectedMachine> {
  const directory = temporaryDirectory('machine');
  const resolvConf = directory.join('resolv.conf');
  fs.writeFileSync(resolvConf, 'nameserver 127.0.0.53\n');
  const namespaces = ['--net', '--mount', '--propagation', 'private'];
  const child = spawn('unshare', [...namespaces, 'sh', '-c', MACHINE_SCRIPT, 'sh', resolvConf, SERVER], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  await ready(child, 2);
  const namespace = `/proc/${child.pid}/ns`;
  return {
    enter: ['nsenter', `--net=${namespace}/net`, `--mount=${namespace}/mnt`],
    neighbour: { address: NEIGHBOUR, port: PORT, secret: SECRETS.neighbour },
    loopback: { port: PORT, secret: SECRETS.loopback },
    resolved: RESOLVED,
    async [Symbol.asyncDispose]() {
      const ended = new Promise(resolve => child.on('close', resolve));
      if (child.pid !== undefined) killIfAlive(-child.pid, 'SIGKILL');
      await ended;
      await directory[Symbol.asyncDispose]();
    },
  };
}

function ready(child: ChildProcess, servers: number): Promise<void> {
  let left = servers;
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  return new Promise((resolve, reject) => {
    child.on('close', () => reject(new Error(`the machine could not be made: ${said}`)));
    if (child.stdout === null) throw new Error('it has a stdout');
    onLines(child.stdout, line => {
      if (line === 'ready') left -= 1;
      if (left === 0) resolve();
    });
  });
}
