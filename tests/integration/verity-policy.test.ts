import fs from 'node:fs';
import { expect, it } from 'vitest';
import { openLoader, readBootloader, writeBootloader } from '../../src/boot/index.ts';
import { setBootOrder } from '../../src/deployment/boot-order.ts';
import {
  assertNoneRequiresVerity,
  finalize,
  listDeployments,
  startBooting,
} from '../../src/deployment/index.ts';
import { type BootedMachine, bootedMachine } from '../support/booted-machine.ts';
import { scratchDirectory } from '../support/host.ts';
import { aptLayer } from '../support/program.ts';

const filesOf = (name: string) => ({
  'etc/app.conf': name,
  [`usr/lib/modules/6.1-${name}/vmlinuz`]: `kernel ${name}`.padEnd(5000, '.'),
  [`usr/lib/modules/6.1-${name}/initrd.img`]: `initrd ${name}`.padEnd(5000, '.'),
});
const bootloader = (verity: boolean) =>
  ({ loader: 'systemd-boot', boot: { path: '/boot' }, arguments: ['root=UUID=1'], verity }) as const;
const require = { verity: 'require' } as const;
const REFUSED = expect.objectContaining({ code: 'HOST_UNSUPPORTED' }) as unknown;

/** A machine that runs from its one deployment; `verity`: its boot entries require it. */
async function machine(directory: string, verity: boolean): Promise<BootedMachine> {
  const made = bootedMachine(directory);
  const old = await made.deploy(filesOf('old'));
  fs.mkdirSync(`${made.sysroot}/boot`);
  await made.in(transaction => writeBootloader(transaction, bootloader(verity)));
  await made.in(transaction => setBootOrder(transaction, { ids: [old] }));
  made.boot(old);
  return made;
}

/** What the boot loader has, as far as it matters: ids, and whether fs-verity is required. */
function entries({ host, sysroot }: BootedMachine): [string, boolean][] {
  const { entries: all } = openLoader(host.sys, 'systemd-boot', `${sysroot}/boot`, {
    bootPrefix: '/boot',
  }).read();
  const directory = `${sysroot}/boot/loader/entries`;
  return all.map(({ id }) => {
    const file = fs.readdirSync(directory).find(name => name.includes(id)) as string;
    return [id, fs.readFileSync(`${directory}/${file}`, 'utf8').includes('composefs.digest=v1-')];
  });
}

it('a deployment that requires fs-verity is not made where the boot entries do without', async () => {
  using scratch = scratchDirectory();
  const made = await machine(scratch.path, false);
  const before = { ids: made.ids(), entries: entries(made) };
  await expect(made.deploy(filesOf('new'), require)).rejects.toEqual(REFUSED);
  expect({ ids: made.ids(), entries: entries(made) }).toEqual(before);
  expect(fs.existsSync(`${made.sysroot}/state/staged.json`)).toBe(false);
  const other = await made.deploy(filesOf('new'));
  await made.in(transaction => finalize(transaction, { keep: false }));
  expect(entries(made)).toEqual([other, ...before.ids].map(id => [id, false]));
});

it('it is made, finalized and booted with fs-verity where the store is protected', async () => {
  using scratch = scratchDirectory();
  const made = await machine(scratch.path, true);
  const fresh = await made.deploy(filesOf('new'), require);
  expect(listDeployments(made).find(one => one.id === fresh)?.verity).toBe('require');
  await made.in(transaction => finalize(transaction, { keep: false }));
  expect(entries(made)[0]).toEqual([fresh, true]);
});

it('finalizing refuses it before anything changes, and says why', async () => {
  using scratch = scratchDirectory();
  const made = await machine(scratch.path, true);
  const before = entries(made);
  const fresh = await made.deploy(filesOf('new'), require);
  await made.in(transaction => writeBootloader(transaction, bootloader(false)));
  const { code, stderr } = await aptLayer(made.sysroot, ['finalize'], { env: { APT_LAYER_RUN: made.run } });
  expect(code).toBe(4);
  expect(stderr).toContain('bootloader require-verity');
  expect(entries(made)).toEqual(before);
  expect(fs.existsSync(`${made.sysroot}/state/deploy/${fresh}/etc`)).toBe(false);
  expect(fs.readFileSync(`${made.sysroot}/state/staged.json`, 'utf8')).toContain('fs-verity');
});

it('what no boot loader boots takes it, and beginning to boot it without fs-verity is refused', async () => {
  using scratch = scratchDirectory();
  const made = bootedMachine(scratch.path);
  const id = await made.deploy(filesOf('new'), require);
  fs.mkdirSync(`${made.sysroot}/boot`);
  expect(() => assertNoneRequiresVerity(made)).toThrow(id);
  await expect(made.in(transaction => startBooting(transaction, bootloader(false)))).rejects.toEqual(REFUSED);
  expect(readBootloader(made)).toBeUndefined();
  expect(fs.readdirSync(`${made.sysroot}/boot`)).toEqual([]);
  await made.in(transaction => startBooting(transaction, bootloader(true)));
  expect(entries(made)).toEqual([[id, true]]);
});
