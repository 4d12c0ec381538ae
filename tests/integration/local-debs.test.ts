import fs from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Archive, archive } from '../support/archive.ts';
import { buildDeb, type DebDescription } from '../support/deb.ts';
import { aptLayer, aptLayerMust } from '../support/program.ts';
import { type LocalSystem, localSystem, repositories } from '../support/system.ts';

let repository: Archive;
let system: LocalSystem;
let sysroot: string;
let directory: string;

beforeAll(async () => {
  repository = await archive([
    { name: 'other' },
    { name: 'c_under' },
    { name: 'wants-under', depends: ['c_under (>= 1.0)'] },
  ]);
  system = await localSystem(repository);
  sysroot = await system.copy('loop');
  directory = system.directory.join('debs');
});
afterAll(async () => {
  await system[Symbol.asyncDispose]();
  await repository[Symbol.asyncDispose]();
});

/** Builds a version of the tool under any name, as a developer does again and again. */
async function built(name: string, text: string, more: Partial<DebDescription> = {}): Promise<string> {
  const deb = await buildDeb(
    { name: 'dev-tool', files: { '/usr/bin/dev-tool': text }, ...more },
    `${directory}/made`,
  );
  const path = `${directory}/${name}`;
  fs.renameSync(deb, path);
  return path;
}

const installed = async () => (await aptLayerMust(sysroot, ['run', '--', 'cat', '/usr/bin/dev-tool'])).stdout;
const requested = async () =>
  (
    (await aptLayerMust(sysroot, ['status', '--json'])).json() as {
      deployments: { 'requested-packages': string[]; 'requested-local-packages': string[] }[];
    }
  ).deployments[0];

it('a package is built and layered again and again, and goes by any of its names', async () => {
  const path = await built('dev.deb', 'one');
  await aptLayerMust(sysroot, ['layer', path]);
  expect(await installed()).toBe('one');

  expect((await aptLayerMust(sysroot, ['layer', path, '--json'])).json()).toMatchObject({ changed: false });
  await built('dev.deb', 'two');
  await aptLayerMust(sysroot, ['layer', path]);
  expect(await installed()).toBe('two');

  const newer = await built('renamed.deb', 'three', { version: '1.1' });
  await aptLayerMust(sysroot, ['layer', newer]);
  expect(await installed()).toBe('three');
  expect(JSON.stringify(await requested())).not.toContain('dev.deb');

  await aptLayerMust(sysroot, ['unlayer', 'dev-tool']);
  expect((await aptLayer(sysroot, ['run', '--', 'test', '-e', '/usr/bin/dev-tool'])).code).toBe(1);
  await aptLayerMust(sysroot, ['layer', newer]);
  await aptLayerMust(sysroot, ['unlayer', './renamed.deb'], { cwd: directory });
  expect((await aptLayer(sysroot, ['run', '--', 'test', '-e', '/usr/bin/dev-tool'])).code).toBe(1);
});

it('its scripts are shown, and judged by a policy of its own', async () => {
  const scripts = { postinst: 'systemctl restart dev-tool || true' };
  const path = await built('scripted.deb', 'four', { version: '2.0', scripts });
  const shown = await aptLayerMust(sysroot, ['scripts', './scripted.deb'], { cwd: directory });
  expect(shown.stdout).toContain('dev-tool 2.0');
  expect(shown.stdout).toContain('systemctl restart');

  const refused = await aptLayer(sysroot, ['layer-scripts', './scripted.deb', 'strict'], { cwd: directory });
  expect(refused.code).toBe(5);
  expect(refused.stderr).toContain('dev-tool postinst');
  await aptLayerMust(sysroot, ['layer', path]);
  expect((await aptLayer(sysroot, ['layer-scripts', 'dev-tool', 'strict'])).code).toBe(5);
  await aptLayerMust(sysroot, ['layer-scripts', 'dev-tool', 'skip']);
  expect(await installed()).toBe('four');
});

const versions = async (...names: string[]) =>
  (await aptLayer(sysroot, ['run', '--', 'dpkg-query', '-W', ...names])).stdout;

it('names with an underscore and files with blanks and brackets can be changed afterwards, too', async () => {
  const file = await built('my tool (1).deb', 'five', { name: 'my-tool' });
  await aptLayerMust(sysroot, ['reset']);
  await aptLayerMust(sysroot, ['layer', 'wants-under', './my tool (1).deb'], { cwd: directory });
  expect(await versions('c_under', 'wants-under', 'my-tool')).toBe(
    'c_under\t1.0\nmy-tool\t1.0\nwants-under\t1.0\n',
  );
  await aptLayerMust(sysroot, ['unlayer', 'wants-under']);
  expect(await versions('base-files', 'c_under')).toMatch(/^base-files\t\S+\n$/);
  await aptLayerMust(sysroot, ['layer', 'c_under']);
  await repository.publish([{ name: 'c_under', version: '2.0' }]);
  await aptLayerMust(sysroot, ['upgrade']);
  expect(await versions('c_under', 'my-tool')).toBe('c_under\t2.0\nmy-tool\t1.0\n');
  await aptLayerMust(sysroot, ['hold', 'c_under']);
  await aptLayerMust(sysroot, ['unlayer', './my tool (1).deb'], { cwd: directory });
  expect(await versions('base-files', 'my-tool')).toMatch(/^base-files\t\S+\n$/);

  const spec = system.spec(
    'odd',
    `name: test\nbase-image: local://min\nlayers: [c_under, wants-under, "${file}"]\n${repositories(repository)}`,
  );
  await aptLayerMust(sysroot, ['compose', 'lock', spec]);
  await aptLayerMust(sysroot, ['compose', 'tree', '--locked', spec]);
  // From its lock alone, by the names that archives in the cache have.
  fs.rmSync(`${sysroot}/composefs/images/refs/deb`, { recursive: true });
  fs.rmSync(`${sysroot}/composefs/images/refs/build`, { recursive: true });
  await aptLayerMust(sysroot, ['compose', 'tree', '--locked', spec]);
  expect(await versions('c_under', 'wants-under', 'my-tool')).toBe(
    'c_under\t2.0\nmy-tool\t1.0\nwants-under\t1.0\n',
  );
  await aptLayerMust(sysroot, ['unlayer', 'c_under', 'wants-under', file]);
  await aptLayerMust(sysroot, ['reset']);
});

it('a file that apt leaves out is an error', async () => {
  const one = await built('one.deb', 'six', { name: 'twice', version: '1.0' });
  const two = await built('two.deb', 'seven', { name: 'twice', version: '2.0' });
  const spec = system.spec(
    'twice',
    `name: test\nbase-image: local://min\nlayers: ["${one}", "${two}"]\n${repositories(repository)}`,
  );
  const result = await aptLayer(sysroot, ['compose', 'tree', spec]);
  expect([result.code, result.stderr]).toEqual([
    5,
    expect.stringMatching(/apt left \S+\.deb \(twice [12]\.0\) out: it takes twice [12]\.0 from elsewhere/),
  ]);
});

it('a package that is layered on a machine that runs says when it is there', async () => {
  const machine = await system.copy('booted');
  const { deployments } = (await aptLayerMust(machine, ['status', '--json'])).json() as {
    deployments: { id: string; checksum: string }[];
  };
  const [{ id, checksum } = { id: '', checksum: '' }] = deployments;
  const run = `${directory}/run/apt-layer`;
  fs.mkdirSync(run, { recursive: true });
  const booted = { version: 1, deployment: id, image: checksum, verity: false, sysroot: machine };
  fs.writeFileSync(`${run}/booted`, JSON.stringify(booted));
  const env = { ...process.env, APT_LAYER_RUN: run };
  const { stderr } = await aptLayerMust(machine, ['layer', 'other'], { env });
  expect(stderr).toContain('it is in effect after a restart');
  expect((await aptLayerMust(machine, ['status'], { env })).stdout).toContain('Staged: yes');
});
