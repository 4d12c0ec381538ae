import fs from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeBootloader } from '../../src/boot/index.ts';
import { setBootOrder } from '../../src/deployment/boot-order.ts';
import { bootedMachine } from '../support/booted-machine.ts';
import { withFileLock } from '../support/file-lock.ts';
import { aptLayer, startAptLayer } from '../support/program.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary.ts';

/** Long enough to copy that a second program is at work meanwhile. */
const KERNEL_BYTES = 24 * 2 ** 20;

let directory: TemporaryDirectory;
let boot: string;
let sysroots: string[];

/** Two sysroots whose /boot is one directory, each with two kernels. */
beforeAll(async () => {
  directory = temporaryDirectory('boot-lock');
  boot = directory.join('boot');
  fs.mkdirSync(boot);
  sysroots = [];
  for (const name of ['first', 'second']) {
    const made = bootedMachine(directory.join(name));
    fs.mkdirSync(made.sysroot);
    fs.symlinkSync(boot, `${made.sysroot}/boot`);
    const ids: string[] = [];
    for (const version of ['6.1', '6.2']) {
      const kernel = Buffer.alloc(KERNEL_BYTES, `${name} ${version}`).toString();
      ids.push(await made.deploy({ 'etc/a': version, [`usr/lib/modules/${version}/vmlinuz`]: kernel }));
    }
    await made.in(async transaction => {
      const entry = { loader: 'systemd-boot', boot: { path: '/boot' }, verity: false } as const;
      writeBootloader(transaction, { ...entry, arguments: [`root=LABEL=${name}`] });
      await setBootOrder(transaction, { ids });
    });
    sysroots.push(made.sysroot);
  }
});
afterAll(() => directory[Symbol.asyncDispose]());

/** The kernels that entries name and the boot directory lacks. */
function lost(): string[] {
  const entries = fs.readdirSync(`${boot}/loader/entries`);
  expect(entries).not.toHaveLength(0);
  const texts = entries.map(name => fs.readFileSync(`${boot}/loader/entries/${name}`, 'utf8'));
  const kernels = texts.map(text => /^linux \/boot\/(.*)$/m.exec(text)?.[1] ?? 'no kernel');
  return kernels.filter(name => !fs.existsSync(`${boot}/${name}`));
}

it('two sysroots change one boot directory one after the other, so that each entry has its kernel', async () => {
  for (let round = 0; round < 6; round++) {
    const ended = await Promise.all(sysroots.map(sysroot => aptLayer(sysroot, ['rollback'])));
    for (const { code, stderr } of ended) expect(code, stderr).toBe(0);
    expect(lost()).toEqual([]);
  }
});

it('waits for who has the boot directory, says so, and changes nothing meanwhile; who looks does not wait', async () => {
  const [sysroot = ''] = sysroots;
  const state = () => fs.readdirSync(boot, { recursive: true, encoding: 'utf8' }).sort().join();
  const before = state();
  await using running = await withFileLock(boot, async () => {
    const started = startAptLayer(sysroot, ['rollback']);
    await started.waitFor(/another sysroot that changes the boot directory/);
    const looked = await aptLayer(sysroot, ['bootloader', 'status']);
    expect(looked.code, looked.stderr).toBe(0);
    expect(state()).toBe(before);
    return started;
  });
  const { code, stderr } = await running.ended;
  expect(code, stderr).toBe(0);
  expect(state()).not.toBe(before);
  expect(lost()).toEqual([]);
});
