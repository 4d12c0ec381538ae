import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import { networkInterfaces } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ANY_EXIT_CODE } from '../../src/process/index.ts';
import { groupPlaces } from '../../src/sandbox/cgroup-places.ts';
import { runInSandbox, withScratch } from '../../src/sandbox/index.ts';
import { createSys } from '../../src/sys/index.ts';
import { type Archive, archive } from '../support/archive.ts';
import { must } from '../support/command.ts';
import { type ConnectedMachine, connectedMachine } from '../support/connected-machine.ts';
import { testHost } from '../support/host.ts';
import { CHECKOUT } from '../support/places.ts';
import { aptLayerMust } from '../support/program.ts';
import { type LocalSystem, localSystem } from '../support/system.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary.ts';

const ATTEMPTS = path.join(CHECKOUT, 'tests/support/escape-attempts.pl');
const MARK = `apt-layer-test-${process.pid}`;
const SECRET = `the secret of ${MARK}`;
const REPORT = '/usr/share/curious/report';

/** What a program of the host's root gets by each attempt; where root itself gets nothing on some machines, null. */
const CONTROL: Readonly<Record<string, string | null>> = {
  handle: SECRET,
  'i386-handle': process.arch === 'x64' ? SECRET : null,
  'session-key': SECRET,
  'user-key': SECRET,
  'listed-keys': MARK,
  file: SECRET,
  'root-of-process-1': null,
  environment: SECRET,
  process: 'a process',
  trace: 'a process',
  device: '512 bytes',
  mount: 'a mount',
  'user-namespace': null,
  'unix-socket': SECRET,
  'abstract-socket': SECRET,
  loopback: SECRET,
  network: SECRET,
  setting: 'written',
  'kernel-log': null,
};

let repository: Archive;
let system: LocalSystem;
let secret: TemporaryDirectory;
let sleeper: ChildProcess;
const servers: net.Server[] = [];
/** Arguments of each attempt. */
let attempts: Record<string, readonly string[]>;

/** Runs a command as one who has a key in the session's keyring and a password in the environment. */
async function asUser(command: readonly string[]): Promise<string> {
  const env = { ftp_proxy: `http://user:${SECRET}@127.0.0.1:1`, no_proxy: '127.0.0.1' };
  return must('perl', [ATTEMPTS, 'with-key', MARK, SECRET, ...command], { env });
}

const words = () => Object.keys(CONTROL).flatMap(name => [name, ...(attempts[name] ?? []), '--']);

function resultsOf(report: string): Record<string, string> {
  const lines = report.trim().split('\n');
  return Object.fromEntries(
    lines.map(line => [line.slice(0, line.indexOf(': ')), line.slice(line.indexOf(': ') + 2)]),
  );
}

/** A server that tells the secret to all who connect. */
async function listen(where: net.ListenOptions): Promise<net.Server> {
  const server = net.createServer(socket => socket.on('error', () => undefined).end(`${SECRET}\n`));
  servers.push(server);
  await new Promise<void>(resolve => server.listen(where, resolve));
  return server;
}

/** The machine's own address, where it has one beside the loopback. */
function ownAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap(list => list ?? []);
  return all.find(one => one.family === 'IPv4' && !one.internal)?.address ?? '127.0.0.2';
}

beforeAll(async () => {
  secret = temporaryDirectory('secret');
  const file = secret.join('file');
  fs.writeFileSync(file, SECRET, { mode: 0o600 });
  sleeper = spawn('sleep', ['600']);
  await listen({ path: secret.join('socket') });
  await listen({ path: `\0${MARK}` });
  const { port } = (await listen({ host: '0.0.0.0', port: 0 })).address() as net.AddressInfo;
  const handle = resultsOf(await must('perl', [ATTEMPTS, 'handle-of', file]))['handle-of'] ?? '';
  // Files of the host that are shown while packages are configured, and one that the positive control has.
  const handles = [handle.replace('got ', ''), '/usr/sbin/policy-rc.d', secret.path];
  attempts = {
    handle: handles,
    'i386-handle': handles,
    'session-key': [MARK],
    'user-key': [MARK],
    'listed-keys': [MARK],
    file: [file],
    'root-of-process-1': [file],
    environment: [MARK],
    process: [String(sleeper.pid)],
    trace: [String(sleeper.pid)],
    'unix-socket': [secret.join('socket')],
    'abstract-socket': [MARK],
    loopback: [String(port)],
    network: [ownAddress(), String(port)],
    setting: ['/proc/irq/default_smp_affinity'],
  };
  const run = `perl /usr/share/curious/attempts.pl ${words().join(' ')} >${REPORT}`;
  repository = await archive([
    {
      name: 'curious',
      files: { '/usr/share/curious/attempts.pl': fs.readFileSync(ATTEMPTS) },
      scripts: { postinst: run },
    },
  ]);
  system = await localSystem(repository);
});
afterAll(async () => {
  sleeper.kill('SIGKILL');
  for (const server of servers) server.close();
  await system[Symbol.asyncDispose]();
  await repository[Symbol.asyncDispose]();
  await secret[Symbol.asyncDispose]();
});

describe('a package that tries to get at the host', () => {
  let outside: Record<string, string>;
  let inside: Record<string, string>;
  /** Runs attempts in the deployment, as a user would. */
  const tryInRun = async (attempt: readonly string[]) => {
    const words = ['run', '--', 'perl', '/usr/share/curious/attempts.pl', ...attempt];
    const program = path.join(CHECKOUT, 'bin/apt-layer');
    return resultsOf(await asUser([process.execPath, program, '--sysroot', sysroot, ...words]));
  };
  let sysroot: string;
  beforeAll(async () => {
    outside = resultsOf(await asUser(['unshare', '--mount', 'perl', ATTEMPTS, ...words()]));
    sysroot = await system.copy('curious');
    const program = path.join(CHECKOUT, 'bin/apt-layer');
    await asUser([process.execPath, program, '--sysroot', sysroot, 'layer', 'curious']);
    inside = resultsOf((await aptLayerMust(sysroot, ['run', '--', 'cat', REPORT])).stdout);
  });

  it('tries everything', () => expect(Object.keys(inside)).toEqual(Object.keys(CONTROL)));

  it.each(Object.entries(CONTROL))('gets nothing: %s', (name, expected) => {
    // The same program gets it where there is no sandbox.
    if (expected !== null) expect(outside[name]).toMatch(new RegExp(`^got .*${expected}`));
    expect(inside[name]).toMatch(/^nothing /);
  });

  describe('in `run`, on a machine that is connected', () => {
    let machine: ConnectedMachine;
    beforeAll(async () => {
      machine = await connectedMachine();
    });
    afterAll(() => machine[Symbol.asyncDispose]());
    const onMachine = (command: readonly string[]) => {
      const [tool = '', ...args] = [...machine.enter, ...command];
      return must(tool, args);
    };
    const asked = () => {
      const { neighbour, loopback } = machine;
      const port = String(loopback.port);
      return [
        'network',
        neighbour.address,
        String(neighbour.port),
        '--',
        'loopback',
        port,
        '--',
        'loopback-datagram',
        port,
      ];
    };
    const inRun = async (options: readonly string[]) => {
      const program = path.join(CHECKOUT, 'bin/apt-layer');
      const words = ['run', ...options, '--', 'perl', '/usr/share/curious/attempts.pl', ...asked()];
      return resultsOf(await onMachine([process.execPath, program, '--sysroot', sysroot, ...words]));
    };
    const all = () => {
      const { neighbour, loopback } = machine;
      const known = {
        network: neighbour.secret,
        loopback: loopback.secret,
        'loopback-datagram': loopback.secret,
      };
      return Object.fromEntries(Object.entries(known).map(([name, secret]) => [name, `got ${secret}`]));
    };

    it('reaches all with the network of the host', async () => {
      expect(resultsOf(await onMachine(['perl', ATTEMPTS, ...asked()]))).toEqual(all());
      expect(await inRun(['--network', 'host'])).toEqual(all());
    });

    it.each([[[]], [['--network', 'private']]])(
      'reaches others and not the loopback of the host: %j',
      async options => {
        const { network, ...loopback } = await inRun(options);
        expect(network).toBe(`got ${machine.neighbour.secret}`);
        expect(Object.keys(loopback)).toEqual(['loopback', 'loopback-datagram']);
        for (const result of Object.values(loopback)) expect(result).toMatch(/^nothing /);
      },
    );

    it('reaches nobody without a network', async () => {
      for (const result of Object.values(await inRun(['--network', 'none'])))
        expect(result).toMatch(/^nothing /);
    });

    it('resolves names by the resolver of the host', async () => {
      const program = path.join(CHECKOUT, 'bin/apt-layer');
      const words = ['run', '--', 'getent', 'ahostsv4', 'somebody.example.org'];
      const said = await onMachine([process.execPath, program, '--sysroot', sysroot, ...words]);
      expect(said).toContain(machine.resolved);
    });
  });

  it('has of `run` what is held everywhere', async () => {
    const held = ['handle', 'i386-handle', 'user-key', 'environment', 'user-namespace', 'setting', 'trace'];
    const words = held.flatMap(name => [name, ...(attempts[name] ?? []), '--']);
    for (const result of Object.values(await tryInRun(words))) expect(result).toMatch(/^nothing /);
  });
});

describe('a program that takes all there is', () => {
  const MIB = 1024 * 1024;

  /** Runs an attempt in a sandbox of a machine that has so much free memory; resolves to what is said, or to how it ended. */
  async function tryIn(freeMebibytes: number, attempt: readonly string[]): Promise<string> {
    await using work = temporaryDirectory('limits');
    const sys = createSys();
    const readFile: typeof sys.readFile = file =>
      file === '/proc/meminfo'
        ? Buffer.from(`MemAvailable: ${freeMebibytes * 1024} kB\n`)
        : sys.readFile(file);
    // No directory for it yet, as after a boot.
    const host = testHost({ sys: { ...sys, readFile }, runDirectory: work.join('run/apt-layer') });
    const image = fs.realpathSync(`${system.pristine}/composefs/images/refs/base/min`);
    const objectsPath = `${system.pristine}/composefs/objects`;
    fs.mkdirSync(work.join('scratch'));
    const options = {
      image: { imagePath: image, objectsPath },
      directory: work.join('scratch'),
      tmpfsBytes: MIB * 64,
    };
    const command = ['perl', '/attempts.pl', ...attempt];
    const binds = [{ source: ATTEMPTS, target: '/attempts.pl' }];
    return await withScratch(host, options, async scratch => {
      expect(scratch.entrances).not.toEqual([]);
      const run = runInSandbox(host, scratch, { command, binds }, { okCodes: ANY_EXIT_CODE });
      // The host can go on meanwhile.
      await must('true', []);
      const { exitCode, stdout } = await run;
      return exitCode === 0 ? stdout.toString() : `exit code ${exitCode}`;
    });
  }
  const tryOutside = (attempt: readonly string[]) => must('perl', [ATTEMPTS, ...attempt]);

  it('has so many processes and no more', async () => {
    expect(await tryOutside(['processes', '4200'])).toContain('got 4200 processes');
    const got = /got (\d+) processes/.exec(await tryIn(4096, ['processes', '4200']))?.[1];
    expect(Number(got)).toBeGreaterThan(3000);
    expect(Number(got)).toBeLessThan(4096);
  });

  it('is ended when it takes more memory than is free', async () => {
    expect(await tryOutside(['memory', '600'])).toContain('got 600 MiB');
    expect(await tryIn(800, ['memory', '600'])).toContain('got 600 MiB');
    expect(await tryIn(300, ['memory', '600'])).toBe('exit code 137');
  });

  it('is ended when it fills file systems in memory', async () => {
    expect(await tryIn(800, ['memory', '600', '/tmp/filled'])).toContain('got 600 MiB');
    expect(await tryIn(300, ['memory', '600', '/tmp/filled'])).toBe('exit code 137');
  });

  it('leaves no control group behind', () => {
    const left = groupPlaces(
      fs.readFileSync('/proc/self/cgroup', 'utf8'),
      fs.readFileSync('/proc/self/mountinfo', 'utf8'),
    ).flatMap(({ directory }) =>
      fs.readdirSync(directory).filter(name => name.startsWith(`apt-layer-${process.pid}-`)),
    );
    expect(left).toEqual([]);
  });
});
