import { spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import { networkInterfaces } from 'node:os';
import path from 'node:path';
import { must } from './command.ts';
import { CHECKOUT } from './places.ts';
import { temporaryDirectory } from './temporary.ts';

/** The program that tries ways out of a sandbox; what it takes and says is in its head. */
export const ATTEMPTS = path.join(CHECKOUT, 'tests/support/escape-attempts.pl');

/** What is there to be had on this machine, and how attempts at it are told where. */
export interface Treasure extends AsyncDisposable {
  /** Names what belongs to the test: keys, sockets, processes. */
  readonly mark: string;
  readonly secret: string;
  /** A directory that only root may look into, with the secret in its `file`. */
  readonly directory: string;
  /** What a program of the host's root gets by each attempt; where root itself gets nothing on some machines, null. */
  readonly control: Readonly<Record<string, string | null>>;
  /** Arguments of each attempt. */
  readonly arguments: Readonly<Record<string, readonly string[]>>;
  /** Runs a command as one who has a key in the session's keyring, a password in the environment and an open file. */
  asUser(command: readonly string[]): Promise<string>;
}

/** Arguments of the program for attempts, by default all. */
export function attemptWords(treasure: Treasure, names = Object.keys(treasure.control)): string[] {
  return names.flatMap(name => [name, ...(treasure.arguments[name] ?? []), '--']);
}

/** Lines `NAME: RESULT` by name. */
export function resultsOf(report: string): Record<string, string> {
  const lines = report.trim().split('\n');
  return Object.fromEntries(
    lines.map(line => [line.slice(0, line.indexOf(': ')), line.slice(line.indexOf(': ') + 2)]),
  );
}

/** Puts secrets where a program of root finds them: files, keys, servers, processes. */
export async function treasure(): Promise<Treasure> {
  const directory = temporaryDirectory('secret');
  const mark = path.basename(directory.path);
  const secret = `the secret of ${mark}`;
  const file = directory.join('file');
  fs.chmodSync(directory.path, 0o700);
  fs.writeFileSync(file, secret, { mode: 0o600 });
  const sleeper = spawn('sleep', ['600']);
  const servers: net.Server[] = [];
  /** A server that tells the secret to all who connect. */
  const listen = async (where: net.ListenOptions) => {
    const server = net.createServer(socket => socket.on('error', () => undefined).end(`${secret}\n`));
    servers.push(server);
    await new Promise<void>(resolve => server.listen(where, resolve));
    return server;
  };
  await listen({ path: directory.join('socket') });
  await listen({ path: `\0${mark}` });
  const { port } = (await listen({ host: '0.0.0.0', port: 0 })).address() as net.AddressInfo;
  const handle = resultsOf(await must('perl', [ATTEMPTS, 'handle-of', file]))['handle-of'] ?? '';
  // Files of the host that are shown while packages are configured, and one that the positive control has.
  const handles = [handle.replace('got ', ''), '/usr/sbin/policy-rc.d', directory.path];
  return {
    ...{ mark, secret, directory: directory.path },
    control: {
      handle: secret,
      'i386-handle': process.arch === 'x64' ? secret : null,
      'session-key': secret,
      'user-key': secret,
      'listed-keys': mark,
      file: secret,
      'root-of-process-1': null,
      environment: secret,
      descriptor: secret,
      process: 'a process',
      trace: 'a process',
      device: '512 bytes',
      mount: 'a mount',
      'user-namespace': null,
      'unix-socket': secret,
      'abstract-socket': secret,
      loopback: secret,
      network: secret,
      setting: 'written',
      'kernel-log': null,
    },
    arguments: {
      handle: handles,
      'i386-handle': handles,
      'session-key': [mark],
      'user-key': [mark],
      'listed-keys': [mark],
      file: [file],
      'root-of-process-1': [file],
      environment: [mark],
      process: [String(sleeper.pid)],
      trace: [String(sleeper.pid)],
      'unix-socket': [directory.join('socket')],
      'abstract-socket': [mark],
      loopback: [String(port)],
      network: [ownAddress(), String(port)],
      setting: ['/proc/irq/default_smp_affinity'],
    },
    asUser(command) {
      const env = { ftp_proxy: `http://user:${secret}@127.0.0.1:1`, no_proxy: '127.0.0.1' };
      const withFile = ['sh', '-c', 'exec 9<"$0"; exec "$@"', file, ...command];
      return must('perl', [ATTEMPTS, 'with-key', mark, secret, ...withFile], { env });
    },
    async [Symbol.asyncDispose]() {
      sleeper.kill('SIGKILL');
      for (const server of servers) server.close();
      await directory[Symbol.asyncDispose]();
    },
  };
}

/** The machine's own address, where it has one beside the loopback. */
function ownAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap(list => list ?? []);
  return all.find(one => one.family === 'IPv4' && !one.internal)?.address ?? '127.0.0.2';
}
