import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Archive, archive } from '../support/archive.ts';
import { execute, must, type Result } from '../support/command.ts';
import { type ConnectedMachine, connectedMachine } from '../support/connected-machine.ts';
import { CHECKOUT } from '../support/places.ts';
import { aptLayer, aptLayerMust } from '../support/program.ts';
import { type LocalSystem, localSystem, repositories } from '../support/system.ts';

/** Says what the neighbour and the loopback of the machine tell: `SCRIPT PACKAGE WHO: WHAT`. Arguments: the script, the package. */
const ASKS = (machine: ConnectedMachine) => `ask() {
  perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new(PeerAddr => $ARGV[0], Timeout => 3) and print scalar <$s>' "$1"
}
mkdir -p /usr/share/asked
for who in ${machine.neighbour.address}:${machine.neighbour.port} 127.0.0.1:${machine.loopback.port}; do
  echo "$DPKG_MAINTSCRIPT_NAME $DPKG_MAINTSCRIPT_PACKAGE $who: $(ask "$who")" >>/usr/share/asked/all
done`;

const NEEDY = { depends: ['needed', 'circular'] };

let machine: ConnectedMachine;
const asking = (name: string, more: object = {}) => {
  const asks = ASKS(machine);
  return {
    name,
    files: { [`/usr/share/${name}/file`]: name },
    scripts: { preinst: asks, postinst: asks, prerm: asks, postrm: asks },
    ...more,
  };
};

let repository: Archive;
let system: LocalSystem;
/** A sysroot that has all packages. */
let fetched: string;
beforeAll(async () => {
  machine = await connectedMachine();
  repository = await archive([]);
  await repository.publish([
    // In a circle, with something before it and something after it, and a trigger of another package that it pulls.
    asking('fetcher', NEEDY),
    asking('circular', { depends: ['fetcher'] }),
    asking('needed'),
    asking('after', { depends: ['fetcher'] }),
    asking('watcher', { triggers: ['interest-noawait /usr/share/fetcher'] }),
  ]);
  system = await localSystem(repository);
  fetched = await system.copy('fetched');
  // What is in the base is replaced by dpkg.
  const base = system.spec(
    'asked',
    `name: asked\nbase-image: local://min\nlayers: [fetcher]\n${repositories(repository)}`,
  );
  await aptLayerMust(fetched, ['compose', 'tree', '--ref', 'asked', base]);
  await aptLayerMust(fetched, ['layer', ...LAYERS]);
});
afterAll(async () => {
  await system[Symbol.asyncDispose]();
  await repository[Symbol.asyncDispose]();
  await machine[Symbol.asyncDispose]();
});

/** Runs the program on the machine, which has packages only by what was fetched before. */
function onMachine(sysroot: string, words: readonly string[]): Promise<Result> {
  const program = path.join(CHECKOUT, 'bin/apt-layer');
  const [tool = '', ...args] = [...machine.enter, process.execPath, program, '--sysroot', sysroot, ...words];
  return execute(tool, args);
}

const LAYERS = ['after', 'watcher', 'fetcher'];

async function built(name: string, spec: string): Promise<string> {
  const sysroot = system.directory.join(name);
  await must('cp', ['--archive', '--reflink=auto', fetched, sysroot]);
  const result = await onMachine(sysroot, ['compose', 'tree', '--offline', specOf(name, spec)]);
  expect(`${result.code} ${result.stderr}`).toMatch(/^0 /);
  return sysroot;
}

/** A spec that no other is the same as, so that its scripts run. */
function specOf(name: string, spec: string): string {
  const files = `files: [{path: /usr/share/name, content: ${name}}]`;
  return system.spec(name, `name: test\n${spec}\n${files}\n${repositories(repository)}`);
}

/** What scripts said. */
async function said(sysroot: string): Promise<string[]> {
  const { stdout } = await aptLayerMust(sysroot, ['run', '--', 'cat', '/usr/share/asked/all']);
  return stdout.trim().split('\n');
}

/** Of that, what they were told. */
const told = (lines: readonly string[]) => lines.filter(line => !/: ?$/.test(line)).sort();

it('scripts have no network', async () => {
  const sysroot = await built('without', `base-image: local://min\nlayers: [${LAYERS.join(', ')}]`);
  const lines = await said(sysroot);
  // Two scripts of five packages, and two whom they ask; the trigger asks once more.
  expect(lines.length).toBeGreaterThanOrEqual(20);
  expect(told(lines)).toEqual([]);
});

const TOLD = ['preinst', 'postinst'];

describe('scripts of a package that is to have a network', () => {
  let sysroot: string;
  beforeAll(async () => {
    const layers = '[after, watcher, {package: fetcher, network: true}]';
    sysroot = await built('with', `base-image: local://min\nlayers: ${layers}`);
  });

  it('reach others and not the loopback; scripts of other packages reach nobody', async () => {
    const { address, port, secret } = machine.neighbour;
    const lines = await said(sysroot);
    expect(lines.length).toBeGreaterThanOrEqual(20);
    expect(told(lines)).toEqual(TOLD.map(script => `${script} fetcher ${address}:${port}: ${secret}`).sort());
  });

  it('are noted in the lock and in the status', async () => {
    const id = fs.readdirSync(`${sysroot}/state/deploy`).sort().at(-1);
    const { packages } = JSON.parse(fs.readFileSync(`${sysroot}/state/deploy/${id}/lock.json`, 'utf8'));
    const noted = (packages as { name: string; network?: true }[]).filter(one => one.network === true);
    expect(noted.map(one => one.name)).toEqual(['fetcher']);
    const status = (await aptLayerMust(sysroot, ['status', '--json'])).json();
    expect(status).toMatchObject({ deployments: { 0: { 'packages-with-network': ['fetcher_1.0_all'] } } });
    const text = (await aptLayerMust(sysroot, ['status'])).stdout;
    expect(text).toMatch(/NotReproducible: fetcher_1\.0_all \(its scripts had a network\)/);
  });

  it('are warned of by lint', async () => {
    const spec = specOf('linted', 'base-image: local://min\nlayers: [{package: fetcher, network: true}]');
    const { stdout } = await aptLayer(sysroot, ['compose', 'lint', spec]);
    expect(stdout).toContain('layers.0.network');
  });

  it('have it as well when dpkg unpacks the package', async () => {
    await repository.publish([asking('fetcher', { version: '2.0', ...NEEDY })]);
    const plain = specOf('plain', 'base-image: local://asked\nlayers: [fetcher=2.0]');
    await aptLayerMust(fetched, ['compose', 'tree', '--refresh', plain]);
    const own = 'base-image: local://asked\nlayers: [{package: fetcher=2.0, network: true}]';
    const { address, port, secret } = machine.neighbour;
    const lines = await said(await built('replaced', own));
    expect(told(lines)).toEqual(
      ['postinst', 'postrm', 'preinst', 'prerm'].map(
        script => `${script} fetcher ${address}:${port}: ${secret}`,
      ),
    );
  });
});

describe('without pasta', () => {
  // /usr/bin without it, for this command alone.
  const HIDE = `mount -t tmpfs none /mnt
mkdir /mnt/upper /mnt/work
mount -t overlay -o lowerdir=/usr/bin,upperdir=/mnt/upper,workdir=/mnt/work none /usr/bin
rm /usr/bin/pasta
exec "$@"`;
  const run = (words: readonly string[]) => {
    const program = path.join(CHECKOUT, 'bin/apt-layer');
    const hiding = ['unshare', '--mount', 'sh', '-c', HIDE, 'sh'];
    const [tool = '', ...args] = [
      ...machine.enter,
      ...hiding,
      process.execPath,
      program,
      '--sysroot',
      fetched,
      ...words,
    ];
    return execute(tool, args);
  };

  it('`run` has the network of the host, and no private one', async () => {
    const ask = `exec 3<>/dev/tcp/127.0.0.1/${machine.loopback.port}; head -n 1 <&3`;
    expect((await run(['run', '--', 'bash', '-c', ask])).stdout.trim()).toBe(machine.loopback.secret);
    const refused = await run(['run', '--network', 'private', '--', 'true']);
    expect(refused.code).toBe(4);
    expect(refused.stderr).toContain('apt-get install passt');
  });

  it('a package whose scripts are to have one is refused before any runs', async () => {
    const spec = specOf('refused', 'base-image: local://min\nlayers: [{package: fetcher, network: true}]');
    const refused = await run(['compose', 'tree', '--offline', spec]);
    expect(refused.code).toBe(4);
    expect(refused.stderr).toContain('the scripts of fetcher: a private network needs passt');
    expect(refused.stderr).toContain('apt-get install passt');
  });
});
