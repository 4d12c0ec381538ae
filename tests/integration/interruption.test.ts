import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Archive, archive } from '../support/archive.ts';
import { compareTrees, renderDifferences } from '../support/compare-trees.ts';
import { mountsOf } from '../support/mounts.ts';
import { aptLayer, aptLayerMust, startAptLayer } from '../support/program.ts';
import { randomSource } from '../support/random-tree.ts';
import { type LocalSystem, localSystem } from '../support/system.ts';

let repository: Archive;
let system: LocalSystem;

beforeAll(async () => {
  repository = await archive(
    ['one', 'two', 'three'].map(name => ({
      name: `part-${name}`,
      files: { [`/usr/share/part/${name}`]: name.repeat(5000), [`/etc/part-${name}`]: name },
      conffiles: [`/etc/part-${name}`],
      scripts: { postinst: `echo ${name} >> /var/lib/parts` },
    })),
  );
  system = await localSystem(repository);
});
afterAll(async () => {
  await system[Symbol.asyncDispose]();
  await repository[Symbol.asyncDispose]();
});

const PARTS = ['part-one', 'part-two', 'part-three'];

interface Status {
  readonly deployments: readonly { readonly id: string; readonly packages: readonly string[] }[];
}
const deployments = async (sysroot: string) =>
  ((await aptLayerMust(sysroot, ['status', '--json'])).json() as Status).deployments;

/** The first deployment's files, in a directory. */
async function writtenOut(sysroot: string): Promise<string> {
  await aptLayerMust(sysroot, ['checkout', '0', `${sysroot}-files`]);
  return `${sysroot}-files`;
}

it('killed at twenty moments, the next command works, and the result is that of an undisturbed run', async () => {
  const undisturbed = await system.copy('undisturbed');
  const started = performance.now();
  await aptLayerMust(undisturbed, ['layer', ...PARTS]);
  const length = performance.now() - started;
  const expected = (await deployments(undisturbed))[0]?.packages ?? [];
  const files = await writtenOut(undisturbed);

  const sysroot = await system.copy('killed');
  const base = await deployments(sysroot);
  const below = randomSource(20);
  let interrupted = 0;
  for (let round = 0; round < 20; round++) {
    const running = startAptLayer(sysroot, ['layer', ...PARTS]);
    const moment = (below(1000) / 1000) * length * 1.05;
    await new Promise(resolve => setTimeout(resolve, moment));
    // Now and then only the program itself, as when memory runs out.
    if (round % 4 === 0) running.killAlone();
    else running.kill();
    const { code } = await running.ended;
    if (code !== 0) interrupted += 1;
    for (const { packages } of await deployments(sysroot)) expect([[], expected]).toContainEqual(packages);
    expect(mountsOf(sysroot)).toEqual([]);
    if ((await deployments(sysroot)).length > base.length) {
      await aptLayerMust(sysroot, ['rollback']);
      await aptLayerMust(sysroot, ['cleanup', '--keep', '0']);
    }
  }
  // Else this test would prove nothing.
  expect(interrupted).toBeGreaterThan(5);
  await aptLayerMust(sysroot, ['layer', ...PARTS]);
  expect((await deployments(sysroot))[0]?.packages).toEqual(expected);
  expect(renderDifferences(compareTrees(files, await writtenOut(sysroot)))).toBe('');
  expect((await aptLayer(sysroot, ['fsck'])).code).toBe(0);
  const left = fs
    .readdirSync(`${sysroot}/state/transactions`)
    .filter(id => fs.existsSync(`${sysroot}/state/transactions/${id}/work`));
  expect(left).toEqual([]);
  expect(execFileSync('ps', ['-eo', 'args']).toString()).not.toContain(sysroot);
});

it('eight runs at once: each has its turn or is told to wait', async () => {
  const sysroot = await system.copy('eight');
  const runs = Array.from({ length: 8 }, (_, index) =>
    aptLayer(sysroot, ['layer', PARTS[index % 3] ?? '', ...(index % 2 ? ['--wait', '120'] : [])]),
  );
  const codes = (await Promise.all(runs)).map(({ code }) => code);
  for (const code of codes) expect([0, 75]).toContain(code);
  expect(codes.filter(code => code === 0).length).toBeGreaterThanOrEqual(4);
  expect((await aptLayer(sysroot, ['fsck'])).code).toBe(0);
  const found = (await deployments(sysroot)).map(({ id }) => id);
  expect(new Set(found).size).toBe(found.length);
});
