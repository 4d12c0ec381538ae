import fs from 'node:fs';
import { expect, it } from 'vitest';
import { openLoader, writeBootloader } from '../../src/boot/index.ts';
import { setBootOrder } from '../../src/deployment/boot-order.ts';
import {
  applySwitch,
  confirmBoot,
  finalize,
  planDeploy,
  planRollback,
  takeBootState,
} from '../../src/deployment/index.ts';
import { type BootedMachine, bootedMachine } from '../support/booted-machine.ts';
import { scratchDirectory } from '../support/host.ts';

const filesOf = (name: string) => ({
  'etc/app.conf': name,
  [`usr/lib/modules/6.1-${name}/vmlinuz`]: `kernel ${name}`.padEnd(5000, '.'),
});

/** What the loader has, the next boot first: the deployment, and how many attempts it has left. */
function entries({ host, sysroot }: BootedMachine): [string, number | undefined][] {
  const loader = openLoader(host.sys, 'systemd-boot', `${sysroot}/boot`, { bootPrefix: '/boot' });
  return loader.read().entries.map(one => [one.id, one.triesLeft]);
}

async function machine(directory: string): Promise<{ made: BootedMachine; old: string; fresh: string }> {
  const made = bootedMachine(directory);
  const old = await made.deploy(filesOf('old'));
  fs.mkdirSync(`${made.sysroot}/boot`);
  const arguments_ = ['root=UUID=1'];
  const bootloader = { loader: 'systemd-boot', boot: { path: '/boot' }, verity: false } as const;
  await made.in(async transaction => {
    writeBootloader(transaction, { ...bootloader, arguments: arguments_ });
    await setBootOrder(transaction, { ids: [old] });
  });
  made.boot(old);
  const fresh = await made.deploy(filesOf('new'));
  await made.in(transaction => finalize(transaction, { keep: false }));
  return { made, old, fresh };
}

const deploy = (made: BootedMachine, id: string) =>
  made.in(transaction => applySwitch(transaction, planDeploy(transaction, id)));

it('a deployment that never came up has counted attempts whenever it is put first', async () => {
  using scratch = scratchDirectory();
  const { made, old, fresh } = await machine(scratch.path);
  expect(entries(made)).toEqual([
    [fresh, 3],
    [old, undefined],
  ]);
  // What runs needs no trial.
  await deploy(made, old);
  expect(entries(made)[0]).toEqual([old, undefined]);
  await deploy(made, fresh);
  expect(entries(made)[0]).toEqual([fresh, 3]);
});

it('one that came up before has none, also after a rollback', async () => {
  using scratch = scratchDirectory();
  const { made, old, fresh } = await machine(scratch.path);
  await made.in(confirmBoot);
  made.boot(fresh);
  await made.in(confirmBoot);
  expect(entries(made)[0]).toEqual([fresh, undefined]);
  await made.in(transaction => applySwitch(transaction, planRollback(transaction)));
  expect(entries(made)).toEqual([
    [old, undefined],
    [fresh, undefined],
  ]);
});

it('one that was given up has attempts again when it is wanted after all', async () => {
  using scratch = scratchDirectory();
  const { made, old, fresh } = await machine(scratch.path);
  const directory = `${made.sysroot}/boot/loader/entries`;
  for (const name of fs.readdirSync(directory))
    fs.renameSync(`${directory}/${name}`, `${directory}/${name.replace('+3.conf', '+0-3.conf')}`);
  await made.in(takeBootState);
  expect(entries(made)).toEqual([[old, undefined]]);
  await deploy(made, fresh);
  expect(entries(made)[0]).toEqual([fresh, 3]);
});
