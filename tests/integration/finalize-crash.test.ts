import fs from 'node:fs';
import { expect, it } from 'vitest';
import { openLoader, writeBootloader } from '../../src/boot/index.ts';
import { setBootOrder } from '../../src/deployment/boot-order.ts';
import { finalize, takeBootState } from '../../src/deployment/index.ts';
import { type BootedMachine, bootedMachine } from '../support/booted-machine.ts';
import { scratchDirectory } from '../support/host.ts';
import { aptLayer } from '../support/program.ts';

const KERNEL_BYTES = 5000;
/** More than finalizing makes. */
const CALLS_MAX = 400;

/** An image with a kernel of its own. */
const filesOf = (name: string) => ({
  'etc/app.conf': name,
  [`usr/lib/modules/6.1-${name}/vmlinuz`]: `kernel ${name}`.padEnd(KERNEL_BYTES, '.'),
  [`usr/lib/modules/6.1-${name}/initrd.img`]: `initrd ${name}`.padEnd(KERNEL_BYTES, '.'),
});

/** The deployment that the boot loader takes next. It must be one that can be booted. */
function nextBoot({ host, sysroot }: BootedMachine): string {
  const next = openLoader(host.sys, 'systemd-boot', `${sysroot}/boot`, { bootPrefix: '/boot' }).read()
    .entries[0]?.id;
  if (next === undefined) throw new Error('there is nothing to boot');
  const entries = `${sysroot}/boot/loader/entries`;
  const file = fs.readdirSync(entries).find(name => name.includes(next));
  const text = fs.readFileSync(`${entries}/${file}`, 'utf8');
  const kernels = [...text.matchAll(/\/boot(\/apt-layer\/\S+)/g)].map(([, path]) => path);
  expect(kernels).toHaveLength(2);
  for (const path of kernels) expect(fs.statSync(`${sysroot}/boot${path}`).size).toBe(KERNEL_BYTES);
  expect(fs.existsSync(`${sysroot}/state/deploy/${next}/etc/app.conf`)).toBe(true);
  return next;
}

it('finalizing, killed at any call, leaves the old or the new deployment to boot, and is made up for', async () => {
  using scratch = scratchDirectory();
  const prepared = bootedMachine(`${scratch.path}/prepared`);
  const old = await prepared.deploy(filesOf('old'));
  fs.mkdirSync(`${prepared.sysroot}/boot`);
  await prepared.in(transaction =>
    writeBootloader(transaction, {
      loader: 'systemd-boot',
      boot: { path: '/boot' },
      arguments: ['root=UUID=1'],
      verity: false,
    }),
  );
  // Its own entry, as the installation writes it.
  await prepared.in(transaction => setBootOrder(transaction, { ids: [old] }));
  prepared.boot(old);
  const fresh = await prepared.deploy(filesOf('new'));
  fs.writeFileSync(prepared.etc(old, 'mine'), 'mine');

  const reached = new Set<string>();
  for (let call = 1; call < CALLS_MAX; call += 1) {
    const directory = `${scratch.path}/${call}`;
    fs.cpSync(prepared.directory, directory, { recursive: true, verbatimSymlinks: true });
    const place = bootedMachine(directory);
    place.boot(old);
    const env = { APT_LAYER_RUN: place.run, APT_LAYER_FAULT: `die:${call}` };
    const { code } = await aptLayer(place.sysroot, ['finalize'], { env });
    // The plug is pulled: what comes up is what the loader takes.
    const next = nextBoot(place);
    expect([old, fresh]).toContain(next);
    reached.add(next);
    place.boot(next);
    await place.in(async transaction => {
      await takeBootState(transaction);
      await finalize(transaction, { keep: true });
    });
    await place.in(transaction => finalize(transaction, { keep: false }));
    expect(nextBoot(place)).toBe(fresh);
    expect(fs.readFileSync(place.etc(fresh, 'mine'), 'utf8')).toBe('mine');
    expect(place.ids()).toStrictEqual([fresh, old]);
    fs.rmSync(directory, { recursive: true });
    if (code === 0) {
      expect(reached).toStrictEqual(new Set([old, fresh]));
      expect(call).toBeGreaterThan(30);
      return;
    }
  }
  throw new Error(`finalizing makes more than ${CALLS_MAX} calls`);
});
