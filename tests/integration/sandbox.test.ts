import fs from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { unpackAndConfigure } from '../../src/apt/index.ts';
import type { Host, ScriptLimits } from '../../src/host/index.ts';
import { imageOf } from '../../src/layer/built-image.ts';
import { runStage } from '../../src/layer/stage.ts';
import { ANY_EXIT_CODE, type CommandFailed, type Output, type RunOptions } from '../../src/process/index.ts';
import { groupPlaces } from '../../src/sandbox/cgroup-places.ts';
import { runInSandbox, type Scratch, type ScratchOptions, withScratch } from '../../src/sandbox/index.ts';
import { readImage } from '../../src/store/index.ts';
import { ensureStore } from '../../src/store/store.ts';
import { createSys } from '../../src/sys/index.ts';
import { type Archive, archive } from '../support/archive.ts';
import { must } from '../support/command.ts';
import { type ConnectedMachine, connectedMachine } from '../support/connected-machine.ts';
import { buildDeb } from '../support/deb.ts';
import { ATTEMPTS, attemptWords, resultsOf, type Treasure, treasure } from '../support/escape.ts';
import { recordingReporter, testHost } from '../support/host.ts';
import { loopFileSystem } from '../support/loop-file-system.ts';
import { CHECKOUT } from '../support/places.ts';
import { aptLayerMust } from '../support/program.ts';
import { type LocalSystem, localSystem, stateOf } from '../support/system.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary.ts';

const REPORT = '/usr/share/curious/report';

let repository: Archive;
let system: LocalSystem;
let host: Treasure;

beforeAll(async () => {
  host = await treasure();
  const run = `perl /usr/share/curious/attempts.pl ${attemptWords(host).join(' ')} >${REPORT}`;
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
  await system[Symbol.asyncDispose]();
  await repository[Symbol.asyncDispose]();
  await host[Symbol.asyncDispose]();
});

describe('a package that tries to get at the host', () => {
  let outside: Record<string, string>;
  let inside: Record<string, string>;
  /** Runs attempts in the deployment, as a user would. */
  const tryInRun = async (attempt: readonly string[]) => {
    const words = ['run', '--', 'perl', '/usr/share/curious/attempts.pl', ...attempt];
    const program = path.join(CHECKOUT, 'bin/apt-layer');
    return resultsOf(await host.asUser([process.execPath, program, '--sysroot', sysroot, ...words]));
  };
  let sysroot: string;
  beforeAll(async () => {
    outside = resultsOf(await host.asUser(['unshare', '--mount', 'perl', ATTEMPTS, ...attemptWords(host)]));
    sysroot = await system.copy('curious');
    const program = path.join(CHECKOUT, 'bin/apt-layer');
    await host.asUser([process.execPath, program, '--sysroot', sysroot, 'layer', 'curious']);
    inside = resultsOf((await aptLayerMust(sysroot, ['run', '--', 'cat', REPORT])).stdout);
  });

  it('gets nothing by any attempt, where the same program of root outside gets it', () => {
    expect(Object.keys(inside)).toEqual(Object.keys(host.control));
    for (const [name, expected] of Object.entries(host.control)) {
      if (expected !== null) expect(outside[name], name).toMatch(new RegExp(`^got .*${expected}`));
      expect(inside[name], name).toMatch(/^nothing /);
    }
  });

  it('is mounted for looking without set-uid programs and devices', async () => {
    await using point = temporaryDirectory('point');
    await aptLayerMust(sysroot, ['mount', '0', point.path]);
    try {
      const lines = fs.readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
      const mounts = lines.map(line => line.split(' ')).filter(words => words[4]?.startsWith(point.path));
      expect(mounts.map(words => words[4]?.slice(point.path.length))).toEqual(['', '/etc', '/var']);
      for (const [, , , , , options] of mounts) expect(options).toMatch(/^ro,nosuid,nodev\b/);
    } finally {
      await aptLayerMust(sysroot, ['umount', point.path]);
    }
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

  it.each(['outside', 'run', 'shell'])('types nothing into the terminal: %s', async where => {
    const program = `${process.execPath} ${path.join(CHECKOUT, 'bin/apt-layer')} --sysroot ${sysroot}`;
    const attempt = 'perl /usr/share/curious/attempts.pl terminal pushed';
    const commands: Readonly<Record<string, readonly [command: string, typed: string]>> = {
      outside: [`perl ${ATTEMPTS} terminal pushed`, ''],
      run: [`${program} run -- ${attempt}`, ''],
      shell: [`${program} shell`, `${attempt}\nexit\n`],
    };
    const [command = '', stdin = ''] = commands[where] ?? [];
    // A terminal of its own, in which something waits for input afterwards.
    const said = await must('script', ['-qec', `${command}; timeout 1 cat || :`, '/dev/null'], { stdin });
    if (where === 'outside') {
      expect(said).toContain('terminal: got a line typed');
      expect(said).toContain('PUSHED');
    } else {
      expect(said).toContain('terminal: nothing (Operation not permitted)');
      expect(said).not.toContain('PUSHED');
    }
  });

  it('has of `run` what is held everywhere', async () => {
    const held = ['handle', 'i386-handle', 'user-key', 'environment', 'descriptor', 'user-namespace'];
    const words = attemptWords(host, [...held, 'setting', 'trace']);
    for (const result of Object.values(await tryInRun(words))) expect(result).toMatch(/^nothing /);
  });
});

describe('an image with links that lead to the host', () => {
  /** An image below such links, mounted; what is mounted over names files that are there to be shown. */
  async function withLinks<T>(
    links: Readonly<Record<string, string>>,
    action: (scratch: Scratch) => Promise<T>,
    over: ScratchOptions['over'] = [],
  ): Promise<T> {
    await using work = temporaryDirectory('links');
    const directory = work.join('scratch');
    fs.mkdirSync(directory);
    for (const [name, target] of Object.entries(links)) {
      fs.mkdirSync(path.dirname(`${directory}/upper${name}`), { recursive: true });
      fs.symlinkSync(target, `${directory}/upper${name}`);
    }
    const image = {
      imagePath: fs.realpathSync(`${system.pristine}/composefs/images/refs/base/min`),
      objectsPath: `${system.pristine}/composefs/objects`,
    };
    return await withScratch(testHost(), { image, directory, over }, action);
  }
  const binds = ['/usr/sbin/policy-rc.d', '/var/lib/apt/lists/x', '/run/apt-layer/x', '/tmp/x', '/sys/x'];
  const run = (scratch: Scratch, command: readonly string[]) =>
    runInSandbox(testHost(), scratch, {
      command,
      binds: binds.map(target => ({ source: ATTEMPTS, target })),
    });

  let victim: TemporaryDirectory;
  beforeEach(() => {
    victim = temporaryDirectory('victim');
  });
  afterEach(() => victim[Symbol.asyncDispose]());

  // Where bwrap has the host's files while it makes mount points.
  it.each(['/oldroot', '../../../../../oldroot'])('gets nothing made there by way of %s', async host => {
    const names = ['/usr/sbin/policy-rc.d', '/var/lib/apt', '/run', '/tmp', '/sys', '/proc', '/dev'];
    const to = (name: string) => `${host}${victim.path}/${name.replaceAll('/', '_')}`;
    const links = Object.fromEntries(names.map(name => [name, to(name)]));
    await withLinks(links, async scratch => {
      const shown = await run(scratch, [
        'sh',
        '-c',
        'cat /usr/sbin/policy-rc.d /var/lib/apt/lists/x | wc -l',
      ]);
      expect(Number(shown.stdout)).toBe(fs.readFileSync(ATTEMPTS, 'utf8').split('\n').length * 2 - 2);
    });
    expect(fs.readdirSync(victim.path)).toEqual([]);
  });

  it('gets nothing made there by way of what the kernel has in /proc', async () => {
    for (const name of ['/usr/sbin/policy-rc.d', '/var/lib/apt', '/tmp']) {
      const links = { [name]: `/proc/1/root/oldroot${victim.path}` };
      await expect(withLinks(links, scratch => run(scratch, ['true']))).rejects.toMatchObject({
        code: 'FAILED',
        message: expect.stringContaining('of the image is a link that leads into /proc'),
      });
    }
    expect(fs.readdirSync(victim.path)).toEqual([]);
  });

  it('gets nothing made there by what a script may leave in /proc/sys', async () => {
    await withLinks({}, async scratch => {
      // Scripts cannot where overlayfs renames no directories, which is for a kernel's makers to decide.
      const settings = `/proc/${scratch.pid}/root${scratch.kernelSettings}/kernel`;
      fs.rmSync(settings, { recursive: true });
      fs.symlinkSync(`/oldroot${victim.path}`, settings);
      await run(scratch, ['true']);
    });
    expect(fs.readdirSync(victim.path)).toEqual([]);
  });

  it('has nothing of the host covered by its /etc', async () => {
    const over = [{ name: 'etc', source: victim.path }];
    const mounted = withLinks({ '/etc': '/usr' }, async () => undefined, over);
    await expect(mounted).rejects.toMatchObject({
      code: 'FAILED',
      message: '/etc of the image is not a directory, so nothing can be mounted there',
    });
  });
});

describe('a program that takes all there is', () => {
  const MIB = 1024 * 1024;

  /** Runs an attempt in a sandbox of a machine that has so much free memory; resolves to what is said, or to how it ended. */
  async function tryIn(freeMebibytes: number, attempt: readonly string[]): Promise<string> {
    const sys = createSys();
    const readFile: typeof sys.readFile = file =>
      file === '/proc/meminfo'
        ? Buffer.from(`MemAvailable: ${freeMebibytes * 1024} kB\n`)
        : sys.readFile(file);
    const command = ['perl', '/attempts.pl', ...attempt];
    const { exitCode, stdout } = await inLimits({ sys: { ...sys, readFile } }, command, {
      okCodes: ANY_EXIT_CODE,
    });
    return exitCode === 0 ? stdout.toString() : `exit code ${exitCode}`;
  }

  async function inLimits(
    parts: Partial<Host>,
    command: readonly string[],
    runOptions: RunOptions = {},
  ): Promise<Output> {
    await using work = temporaryDirectory('limits');
    // No directory for it yet, as after a boot.
    const limited = testHost({ runDirectory: work.join('run/apt-layer'), ...parts });
    const image = fs.realpathSync(`${system.pristine}/composefs/images/refs/base/min`);
    const objectsPath = `${system.pristine}/composefs/objects`;
    fs.mkdirSync(work.join('scratch'));
    const options = {
      image: { imagePath: image, objectsPath },
      directory: work.join('scratch'),
      tmpfsBytes: MIB * 64,
    };
    const binds = [{ source: ATTEMPTS, target: '/attempts.pl' }];
    return await withScratch(limited, options, async scratch => {
      expect(scratch.entrances).not.toEqual([]);
      expectLimits(scratch);
      const run = runInSandbox(limited, scratch, { command, binds }, runOptions);
      const [result] = await Promise.all([run, goOnUntil(run)]);
      return result;
    });
  }
  /** What the kernel says: processes, memory, and swap where it has any. */
  function expectLimits({ entrances, limits: { tasks, memoryBytes } }: Scratch): void {
    const read = (name: string) =>
      entrances
        .map(entrance => entrance.replace(/cgroup\.procs$/, name))
        .filter(file => fs.existsSync(file))
        .map(file => fs.readFileSync(file, 'utf8').trim());
    expect(read('pids.max')).toEqual([`${tasks}`]);
    const rounded = `${memoryBytes - (memoryBytes % 4096)}`;
    expect([...read('memory.limit_in_bytes'), ...read('memory.max')]).toEqual([rounded]);
    for (const both of read('memory.memsw.limit_in_bytes')) expect(both).toBe(rounded);
    for (const swap of read('memory.swap.max')) expect(swap).toBe('0');
  }

  /** Starts programs of the host one after the other; each must end soon. */
  async function goOnUntil(run: Promise<unknown>): Promise<void> {
    let ended = false;
    const end = () => {
      ended = true;
    };
    run.then(end, end);
    let count = 0;
    for (; !ended; count += 1) await must('true', [], { timeoutMs: 10_000 });
    expect(count).toBeGreaterThan(2);
  }
  const tryOutside = (attempt: readonly string[]) => must('perl', [ATTEMPTS, ...attempt]);

  // All of it is in a group of the test, so that what is tried is no more than that also where a limit fails. With v2 a group
  // that has processes gives none of its controllers on; there the limits are a service manager's.
  const groups = groupPlaces(
    fs.readFileSync('/proc/self/cgroup', 'utf8'),
    fs.readFileSync('/proc/self/mountinfo', 'utf8'),
  ).filter(({ unified }) => !unified);
  const own = (directory: string) => `${directory}/sandbox-test-${process.pid}`;
  beforeAll(() => {
    for (const { directory, limits } of groups) {
      fs.mkdirSync(own(directory));
      for (const [limit, file] of Object.entries(limits))
        if (fs.existsSync(`${own(directory)}/${file}`))
          fs.writeFileSync(`${own(directory)}/${file}`, String(limit === 'tasks' ? 8192 : 4096 * MIB));
      fs.writeFileSync(`${own(directory)}/cgroup.procs`, String(process.pid));
    }
  });
  afterAll(() => {
    for (const { directory } of groups) {
      fs.writeFileSync(`${directory}/cgroup.procs`, String(process.pid));
      fs.rmdirSync(own(directory));
    }
  });

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

  it('is told which file system it filled, and nothing of it stays', async () => {
    await using disk = await loopFileSystem('ext4', 64 * MIB);
    await using work = temporaryDirectory('filling');
    const sys = createSys();
    const readFile: typeof sys.readFile = file =>
      // Too little for the stage to be in memory.
      file === '/proc/meminfo' ? Buffer.from(`MemAvailable: ${600 * 1024} kB\n`) : sys.readFile(file);
    const limited = testHost({ sys: { ...sys, readFile } });
    const store = ensureStore(limited, `${system.pristine}/composefs`);
    const onOutput = () => undefined;
    const context = {
      ...{ host: limited, store, sysroot: disk.path, workDirectory: `${disk.path}/work` },
      ...{ onOutput, logPath: work.join('log') },
    };
    fs.mkdirSync(context.workDirectory);
    const fill = `perl /usr/share/greedy/attempts.pl memory 600 /var/lib/filled | grep got`;
    const deb = await buildDeb(
      {
        name: 'greedy',
        files: { '/usr/share/greedy/attempts.pl': fs.readFileSync(ATTEMPTS) },
        scripts: { postinst: fill },
      },
      work.path,
    );
    const before = stateOf(system.pristine);
    const stage = runStage(context, imageOf(context, readImage(store, 'base/min')), {
      name: 'configure',
      expectedBytes: 0,
      action: scratch =>
        unpackAndConfigure({ ...context, scratch }, [{ package: 'greedy', path: deb }], {
          ...{ read: () => undefined, has: () => false },
          ...{ epochSeconds: 0, overwrite: false },
        }),
    });
    await expect(stage).rejects.toMatchObject({
      code: 'NO_SPACE',
      message: expect.stringMatching(
        `^the file system of ${disk.path} \\(\\d+ MiB\\) is full: no space left when dpkg was at greedy`,
      ),
    });
    expect(stateOf(system.pristine)).toBe(before);
  });

  const LIMITS: ScriptLimits = { idleMs: 1500, processes: 100, memory: { bytes: 128 * MIB } };

  it('is told which limit it was', async () => {
    const report = recordingReporter();
    const limited = { scriptLimits: async () => LIMITS, report };
    const run = inLimits(limited, ['perl', '/attempts.pl', 'memory', '600']);
    const failed = await run.catch((error: unknown) => error);
    expect(failed).toMatchObject({ exitStatus: 137, limit: { key: 'script-memory' } });
    expect((failed as CommandFailed).limit?.text).toContain('all together may take 128 MiB');
    // It goes on with fewer, and ends well.
    const { stdout } = await inLimits(limited, ['perl', '/attempts.pl', 'processes', '300']);
    expect(Number(/got (\d+)/.exec(stdout.toString())?.[1])).toBeLessThan(100);
    const said = report.events.flatMap(one => (one.type === 'log' ? [one.text] : []));
    expect(said.join()).toMatch(/there may be 100 at a time; `script-processes` in .*apt-layer.conf sets/);
  });

  it('is ended when it does nothing for too long, and only then', async () => {
    const run = (script: string) => inLimits({ scriptLimits: async () => LIMITS }, ['sh', '-c', script]);
    const failed = await run('echo begun; while :; do sleep 60; done').catch((error: unknown) => error);
    expect(failed).toMatchObject({ idle: { ms: 1500 } });
    expect((failed as CommandFailed).idle?.running.at(-1)).toBe('sleep 60');
    // It says something now and then; it works, itself or by what nobody waits for.
    const talking = await run('for i in 1 2 3 4 5 6; do echo $i; sleep 0.5; done');
    expect(talking.stdout.toString()).toBe('1\n2\n3\n4\n5\n6\n');
    const busy = 'timeout 3 sh -c "while :; do :; done"';
    expect((await run(`${busy} || echo worked`)).stdout.toString()).toBe('worked\n');
    const apart = `mkfifo /tmp/f; (setsid sh -c '${busy}; echo apart >/tmp/f' &); cat /tmp/f`;
    expect((await run(apart)).stdout.toString()).toBe('apart\n');
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
