import fs from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Archive, archive } from '../support/archive.ts';
import { buildDeb, type DebDescription } from '../support/deb.ts';
import { aptLayer, aptLayerMust } from '../support/program.ts';
import { type LocalSystem, localSystem } from '../support/system.ts';

let repository: Archive;
let system: LocalSystem;
let sysroot: string;
let directory: string;

beforeAll(async () => {
  repository = await archive([{ name: 'other' }]);
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
