import fs from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Archive, archive } from '../support/archive.ts';
import type { DebDescription } from '../support/deb.ts';
import { aptLayer, aptLayerMust } from '../support/program.ts';
import { type LocalSystem, localSystem, repositories } from '../support/system.ts';

interface Lock {
  version: number;
  packages: { name: string; version: string; requested: boolean; stage?: number }[];
}

const pkg = (name: string, version = '1', more: Partial<DebDescription> = {}): DebDescription => ({
  name,
  version,
  files: { [`/usr/share/${name}`]: `${name} ${version}` },
  scripts: { postinst: `echo ${name} >>/usr/share/order` },
  ...more,
});

let repository: Archive;
let system: LocalSystem;

beforeAll(async () => {
  repository = await archive([
    pkg('app', '1', { depends: ['lib', 'either | other', 'virtual'], recommends: ['extra'] }),
    ...['lib', 'either', 'extra', 'tool', 'game', 'aid', 'needs-lib'].map(name => pkg(name)),
    pkg('gives-virtual', '1', { provides: ['virtual'] }),
    pkg('tool-data'),
    pkg('puzzle', '1', { depends: ['tool-data', 'lib'] }),
  ]);
  system = await localSystem(repository);
});
afterAll(async () => {
  await system?.[Symbol.asyncDispose]();
  await repository?.[Symbol.asyncDispose]();
});

function first<T>(list: readonly T[]): T {
  const [one] = list;
  if (one === undefined) throw new Error('the list is empty');
  return one;
}

const current = async (sysroot: string) =>
  first(
    (
      (await aptLayerMust(sysroot, ['status', '--json'])).json() as {
        deployments: { id: string; checksum: string }[];
      }
    ).deployments,
  );
const deploymentFile = async (sysroot: string, name: string) =>
  fs.readFileSync(`${sysroot}/state/deploy/${(await current(sysroot)).id}/${name}`, 'utf8');
const lockOf = async (sysroot: string) => JSON.parse(await deploymentFile(sysroot, 'lock.json')) as Lock;

/** The names of the packages of each stage, those that were not asked for in brackets. */
async function stagesOf(sysroot: string): Promise<string[]> {
  const { packages } = await lockOf(sysroot);
  const count = Math.max(0, ...packages.map(one => one.stage ?? 1));
  return Array.from({ length: count }, (_, index) =>
    packages
      .filter(one => (one.stage ?? 1) === index + 1)
      .map(one => (one.requested ? one.name : `(${one.name})`))
      .join(' '),
  );
}

/** The packages that the last change configured. */
function configured(sysroot: string): string[] {
  const directory = `${sysroot}/state/transactions`;
  const last = fs.readdirSync(directory).sort().at(-1);
  const log = `${directory}/${last}/log`;
  const text = fs.existsSync(log) ? fs.readFileSync(log, 'utf8') : '';
  return [...text.matchAll(/^Setting up (\S+) /gm)].map(([, name = '']) => name).sort();
}

const show = async (sysroot: string, path: string) =>
  (await aptLayerMust(sysroot, ['run', '--', 'sh', '-c', `cat ${path} 2>/dev/null || true`])).stdout;
const automatic = async (sysroot: string) =>
  (await show(sysroot, '/var/lib/apt/extended_states'))
    .split('\n')
    .flatMap(line => (line.startsWith('Package: ') ? [line.slice(9)] : []))
    .filter(name => /^(app|lib|either|extra|gives-virtual|tool|game)$/.test(name));

/** The image that a lock gives where nothing was built yet. */
async function builtElsewhere(sysroot: string, name: string): Promise<string> {
  const other = await system.copy(name);
  const spec = `${other}.yaml`;
  fs.writeFileSync(spec, await deploymentFile(sysroot, 'spec.yaml'));
  fs.writeFileSync(`${spec}.lock.json`, await deploymentFile(sysroot, 'lock.json'));
  await aptLayerMust(other, ['compose', 'tree', '--locked', spec]);
  return (await current(other)).checksum;
}

it('one more package costs one package, and one less what came after it', async () => {
  const sysroot = await system.copy('life');
  await aptLayerMust(sysroot, ['layer', 'app']);
  const whole = '(either) (extra) (gives-virtual) (lib)';
  expect(await stagesOf(sysroot)).toEqual([`app ${whole}`]);
  expect((await lockOf(sysroot)).version).toBe(1);
  const oneStage = (await current(sysroot)).checksum;

  // What is there stays, although the archive has it no more.
  await repository.withdraw('lib');
  await aptLayerMust(sysroot, ['layer', 'tool']);
  expect(configured(sysroot)).toEqual(['tool']);
  await aptLayerMust(sysroot, ['layer', 'game']);
  expect(configured(sysroot)).toEqual(['game']);
  expect(await stagesOf(sysroot)).toEqual([`app ${whole}`, 'tool', 'game']);
  expect((await lockOf(sysroot)).version).toBe(3);
  expect((await show(sysroot, '/usr/share/order')).split('\n').slice(-3, -1)).toEqual(['tool', 'game']);
  expect((await aptLayerMust(sysroot, ['run', '--', 'dpkg', '--audit'])).stdout).toBe('');
  const three = (await current(sysroot)).checksum;

  // What was there for others is only asked for by now, and back.
  expect(await automatic(sysroot)).toEqual(['either', 'extra', 'gives-virtual', 'lib']);
  await aptLayerMust(sysroot, ['layer', 'lib', 'extra']);
  expect(configured(sysroot)).toEqual([]);
  expect(await automatic(sysroot)).toEqual(['either', 'gives-virtual']);
  await aptLayerMust(sysroot, ['unlayer', 'lib', 'extra']);
  expect(configured(sysroot)).toEqual([]);
  expect((await current(sysroot)).checksum).toBe(three);

  // The stage before stays, what comes after is one more; nothing is asked of an archive.
  await aptLayerMust(sysroot, ['--offline', 'unlayer', 'tool']);
  expect(configured(sysroot)).toEqual(['game']);
  expect(await stagesOf(sysroot)).toEqual([`app ${whole}`, 'game']);
  await aptLayerMust(sysroot, ['--offline', 'unlayer', 'game']);
  expect(await stagesOf(sysroot)).toEqual([`app ${whole}`]);
  expect((await current(sysroot)).checksum).toBe(oneStage);
  await repository.publish([pkg('lib')]);
}, 600_000);

it('what replaces a package of a stage costs that stage, and says so', async () => {
  await repository.publish([pkg('aid'), pkg('wants-newer', '1', { depends: ['aid (>= 2)'] })]);
  const sysroot = await system.copy('replaced');
  await aptLayerMust(sysroot, ['layer', 'tool']);
  await aptLayerMust(sysroot, ['layer', 'aid']);
  await aptLayerMust(sysroot, ['layer', 'game']);
  await repository.publish([pkg('aid', '2')]);
  const { stderr } = await aptLayerMust(sysroot, ['layer', '--refresh', 'wants-newer']);
  expect(stderr).toMatch(/aid changes: all but the first stage is installed again/);
  expect(await stagesOf(sysroot)).toEqual(['tool', 'aid game wants-newer']);
  expect(configured(sysroot)).toEqual(['aid', 'game', 'wants-newer']);
  expect(await builtElsewhere(sysroot, 'replaced-again')).toBe((await current(sysroot)).checksum);
}, 600_000);

it('stages give the same bytes in another store, and become one by an upgrade that is asked to', async () => {
  const sysroot = await system.copy('bytes');
  await aptLayerMust(sysroot, ['layer', 'puzzle']);
  await aptLayerMust(sysroot, ['layer', 'tool', 'game']);
  expect(await stagesOf(sysroot)).toEqual(['(lib) puzzle (tool-data)', 'game tool']);
  const { checksum } = await current(sysroot);
  expect(await builtElsewhere(sysroot, 'bytes-again')).toBe(checksum);

  // With nothing new there is nothing to do; a lock of the spec alone has no stages.
  expect((await aptLayer(sysroot, ['upgrade', '--unchanged-exit-77'])).code).toBe(77);
  const spec = `${sysroot}.yaml`;
  fs.writeFileSync(spec, await deploymentFile(sysroot, 'spec.yaml'));
  await aptLayerMust(sysroot, ['compose', 'lock', spec]);
  expect((JSON.parse(fs.readFileSync(`${spec}.lock.json`, 'utf8')) as Lock).version).toBe(1);
  await aptLayerMust(sysroot, ['upgrade', '--fresh']);
  expect(await stagesOf(sysroot)).toEqual(['game (lib) puzzle tool (tool-data)']);
  expect(configured(sysroot)).toEqual(['game', 'lib', 'puzzle', 'tool', 'tool-data']);
}, 600_000);

it('a lock whose first stage needs a later one is refused with the names', async () => {
  const sysroot = await system.copy('refused');
  const spec = `${sysroot}.yaml`;
  fs.writeFileSync(
    spec,
    `name: test\nbase-image: local://min\nlayers: [puzzle]\n${repositories(repository)}`,
  );
  await aptLayerMust(sysroot, ['compose', 'lock', spec]);
  const file = `${spec}.lock.json`;
  const lock = JSON.parse(fs.readFileSync(file, 'utf8')) as Lock;
  const staged = (place: (name: string) => number) =>
    fs.writeFileSync(
      file,
      JSON.stringify({
        ...lock,
        version: 3,
        packages: lock.packages.map(one => ({ ...one, stage: place(one.name) })),
      }),
    );
  staged(name => (name === 'puzzle' ? 1 : 2));
  const refused = await aptLayer(sysroot, ['compose', 'tree', '--locked', spec]);
  expect(refused).toMatchObject({ code: 3 });
  expect(refused.stderr).toMatch(/puzzle of stage 1 needs lib, which is only in a later stage/);
  expect(refused.stderr).toMatch(/puzzle of stage 1 needs tool-data, which is only in a later stage/);
  staged(name => (name === 'puzzle' ? 3 : 1));
  expect(await aptLayer(sysroot, ['compose', 'tree', '--locked', spec])).toMatchObject({ code: 3 });

  // As it is written where it fits, also when packages are resolved.
  staged(name => (name === 'puzzle' ? 2 : 1));
  await aptLayerMust(sysroot, ['compose', 'tree', '--locked', spec]);
  expect(await stagesOf(sysroot)).toEqual(['(lib) (tool-data)', 'puzzle']);
  await aptLayerMust(sysroot, ['compose', 'tree', spec]);
  expect(await stagesOf(sysroot)).toEqual(['(lib) (tool-data)', 'puzzle']);
  fs.appendFileSync(spec, 'recommends: false\n');
  fs.writeFileSync(spec, fs.readFileSync(spec, 'utf8').replace('[puzzle]', '[puzzle, game]'));
  const { stderr } = await aptLayerMust(sysroot, ['compose', 'tree', spec]);
  expect(stderr).toMatch(/its 2 stages become one/);
  expect(await stagesOf(sysroot)).toEqual(['game (lib) puzzle (tool-data)']);
}, 600_000);

it('stages stay as long as a deployment has them', async () => {
  const sysroot = await system.copy('kept');
  const stages = () => {
    const directory = `${sysroot}/composefs/images/refs/stage`;
    return fs.existsSync(directory) ? fs.readdirSync(directory).sort() : [];
  };
  await aptLayerMust(sysroot, ['layer', 'tool']);
  await aptLayerMust(sysroot, ['layer', 'game']);
  const [one, two] = stages();
  expect(two).toBeDefined();
  const spec = `${sysroot}.yaml`;
  fs.writeFileSync(spec, `name: test\nbase-image: local://min\nlayers: [extra]\n${repositories(repository)}`);
  await aptLayerMust(sysroot, ['compose', 'tree', '--no-deploy', spec]);
  expect(stages()).toHaveLength(3);
  await aptLayerMust(sysroot, ['cleanup']);
  expect(stages()).toEqual([one, two]);
  await aptLayerMust(sysroot, ['layer', 'extra']);
  expect(configured(sysroot)).toEqual(['extra']);
}, 600_000);
