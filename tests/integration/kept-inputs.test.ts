import fs from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Archive, archive } from '../support/archive.ts';
import { buildDeb } from '../support/deb.ts';
import { loopFileSystem } from '../support/loop-file-system.ts';
import { aptLayer, aptLayerMust } from '../support/program.ts';
import { type LocalSystem, localSystem, repositories } from '../support/system.ts';

let repository: Archive;
let system: LocalSystem;
let file: string;

beforeAll(async () => {
  repository = await archive([
    { name: 'first', files: { '/usr/share/first': 'first '.repeat(30) } },
    { name: 'second', files: { '/usr/share/second': 'second '.repeat(30) } },
  ]);
  system = await localSystem(repository);
  file = system.spec(
    'inputs',
    `name: test
base-image: local://min
layers: [first, ./inputs/loose.deb]
files:
  - {path: /usr/share/motd, source: ./inputs/motd, mode: 0644}
scripts:
  - name: copy
    inputs: [./inputs/deep]
    run: cp "$APT_LAYER_INPUTS/deep/data" /usr/share/from-script
${repositories(repository)}`,
  );
});
afterAll(async () => {
  await system?.[Symbol.asyncDispose]();
  await repository?.[Symbol.asyncDispose]();
});

const inputs = () => system.directory.join('inputs');

async function writeInputs(): Promise<void> {
  fs.mkdirSync(`${inputs()}/deep`, { recursive: true });
  fs.writeFileSync(`${inputs()}/motd`, 'hello\n');
  fs.writeFileSync(`${inputs()}/deep/data`, 'data of a script\n');
  const deb = await buildDeb({ name: 'loose', files: { '/usr/share/loose': 'loose '.repeat(30) } }, inputs());
  fs.renameSync(deb, `${inputs()}/loose.deb`);
}

const digestOf = async (sysroot: string) =>
  ((await aptLayerMust(sysroot, ['status', '--json'])).json() as { deployments: { checksum: string }[] })
    .deployments[0]?.checksum;

describe('what a spec reads on the building machine', () => {
  it('is needed no more once a deployment has it', async () => {
    const sysroot = await system.copy('gone');
    await writeInputs();
    await aptLayerMust(sysroot, ['compose', 'tree', file]);
    const before = await digestOf(sysroot);
    await aptLayerMust(sysroot, ['layer', 'second']);
    const withInputs = await digestOf(sysroot);
    expect(withInputs).not.toBe(before);
    await aptLayerMust(sysroot, ['unlayer', 'second']);
    fs.rmSync(inputs(), { recursive: true });
    // Anybody may put something else there.
    fs.mkdirSync(inputs());
    fs.writeFileSync(`${inputs()}/loose.deb`, 'no package');
    fs.writeFileSync(`${inputs()}/motd`, 'changed\n');
    await aptLayerMust(sysroot, ['cleanup', '--keep', '1']);
    const result = await aptLayerMust(sysroot, ['layer', 'second']);
    expect(await digestOf(sysroot)).toBe(withInputs);
    expect(result.stderr).not.toMatch(/warning/i);
    // Nothing but the directories of this run differs from run to run.
    expect((await aptLayerMust(sysroot, ['upgrade', '--json'])).json()).toMatchObject({ changed: false });
  });

  it('is asked for where nobody kept it', async () => {
    const sysroot = await system.copy('never');
    fs.rmSync(inputs(), { recursive: true, force: true });
    const result = await aptLayer(sysroot, ['compose', 'tree', file]);
    expect(result.code).not.toBe(0);
    expect(result.stderr).toMatch(/inputs\/\S+, which the spec names, is not there/);
  });

  it('is there on a machine that was installed, as are base and packages', async () => {
    const sysroot = await system.copy('source');
    await writeInputs();
    await aptLayerMust(sysroot, ['compose', 'tree', file]);
    fs.rmSync(inputs(), { recursive: true });
    await using target = await loopFileSystem('ext4', 600 * 2 ** 20);
    await aptLayerMust(sysroot, ['install', 'to-filesystem', target.path, '--bootloader', 'none']);
    fs.rmSync(sysroot, { recursive: true });
    repository.server.forgetRequests();
    await aptLayerMust(target.path, ['layer', 'second']);
    expect(repository.server.requests.map(one => one.path).filter(path => path.endsWith('.deb'))).toEqual([
      expect.stringContaining('/second_'),
    ]);
    const list = await aptLayerMust(target.path, [
      ...['run', '--', 'cat', '/usr/share/motd', '/usr/share/from-script'],
    ]);
    expect(list.stdout).toBe('hello\ndata of a script\n');
    await aptLayerMust(target.path, ['run', '--', 'test', '-e', '/usr/share/loose']);
  });
});
