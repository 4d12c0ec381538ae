import fs from 'node:fs';
import { expect, it } from 'vitest';
import { openLoader, writeBootloader } from '../../src/boot/index.ts';
import { setBootOrder } from '../../src/deployment/boot-order.ts';
import {
  createDeployment,
  deploymentRecovery,
  finalize,
  listDeployments,
  storePath,
  takeBootState,
} from '../../src/deployment/index.ts';
import type { Host } from '../../src/host/index.ts';
import { ensureStore, importDirectory, setRef, writeImageObject } from '../../src/store/index.ts';
import { type Transaction, withTransaction } from '../../src/transaction/index.ts';
import { scratchDirectory, testHost } from '../support/host.ts';
import { aptLayer } from '../support/program.ts';

const KERNEL_BYTES = 5000;
/** More than finalizing makes. */
const CALLS_MAX = 400;

interface Place {
  readonly directory: string;
  readonly sysroot: string;
  readonly run: string;
  readonly host: Host;
}

function placeIn(directory: string): Place {
  const run = `${directory}/run/apt-layer`;
  fs.mkdirSync(run, { recursive: true });
  return { directory, run, sysroot: `${directory}/sysroot`, host: testHost({ runDirectory: run }) };
}

function inTransaction<T>(place: Place, action: (transaction: Transaction) => Promise<T>): Promise<T> {
  const options = {
    verb: 'test',
    commandLine: 'test',
    recovery: [deploymentRecovery],
    summarize: () => ({}),
  };
  return withTransaction(place.host, place.sysroot, options, action);
}

function deploy(place: Place, name: string): Promise<string> {
  const { host, sysroot, directory } = place;
  return inTransaction(place, async transaction => {
    const store = ensureStore(host, storePath(sysroot));
    const root = `${directory}/root`;
    const put = (path: string, text: string) => {
      fs.mkdirSync(`${root}/${path}`.replace(/[^/]*$/, ''), { recursive: true });
      fs.writeFileSync(`${root}/${path}`, text);
    };
    put('etc/app.conf', name);
    put('var/lib/app', 'state');
    for (const file of ['vmlinuz', 'initrd.img'])
      put(`usr/lib/modules/6.1-${name}/${file}`, `${file} ${name}`.padEnd(KERNEL_BYTES, '.'));
    const image = writeImageObject(store, await importDirectory(store, root, { mode: 'adopt' }));
    fs.rmSync(root, { recursive: true });
    setRef(store, `base/${name}`, image);
    return await createDeployment(host, store, transaction, {
      name: 'web',
      image,
      base: undefined,
      version: undefined,
      specText: '{}\n',
      lockText: '{}\n',
      requestedPackages: [],
      packages: [],
    });
  });
}

/** What the initramfs notes when it has mounted a deployment. */
function boot({ sysroot, run, host }: Place, id: string): void {
  const image = listDeployments(host, sysroot).find(one => one.id === id)?.image;
  fs.writeFileSync(
    `${run}/booted`,
    JSON.stringify({ version: 1, deployment: id, image, verity: false, sysroot }),
  );
}

/** The deployment that the boot loader takes next. It must be one that can be booted. */
function nextBoot({ host, sysroot }: Place): string {
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
  const prepared = placeIn(`${scratch.path}/prepared`);
  const old = await deploy(prepared, 'old');
  fs.mkdirSync(`${prepared.sysroot}/boot`);
  writeBootloader(prepared.host.sys, prepared.sysroot, {
    loader: 'systemd-boot',
    boot: { path: '/boot' },
    arguments: ['root=UUID=1'],
    verity: false,
  });
  // Its own entry, as the installation writes it.
  await setBootOrder(prepared.host, prepared.sysroot, { ids: [old] });
  boot(prepared, old);
  const fresh = await deploy(prepared, 'new');
  fs.writeFileSync(`${prepared.sysroot}/state/deploy/${old}/etc/mine`, 'mine');

  const reached = new Set<string>();
  for (let call = 1; call < CALLS_MAX; call += 1) {
    const directory = `${scratch.path}/${call}`;
    fs.cpSync(prepared.directory, directory, { recursive: true, verbatimSymlinks: true });
    const place = placeIn(directory);
    boot(place, old);
    const env = { APT_LAYER_RUN: place.run, APT_LAYER_FAULT: `die:${call}` };
    const { code } = await aptLayer(place.sysroot, ['finalize'], { env });
    // The plug is pulled: what comes up is what the loader takes.
    const next = nextBoot(place);
    expect([old, fresh]).toContain(next);
    reached.add(next);
    boot(place, next);
    await inTransaction(place, async transaction => {
      await takeBootState(transaction);
      await finalize(transaction, { keep: true });
    });
    await inTransaction(place, transaction => finalize(transaction, { keep: false }));
    expect(nextBoot(place)).toBe(fresh);
    expect(fs.readFileSync(`${place.sysroot}/state/deploy/${fresh}/etc/mine`, 'utf8')).toBe('mine');
    expect(listDeployments(place.host, place.sysroot).map(one => one.id)).toStrictEqual([fresh, old]);
    fs.rmSync(directory, { recursive: true });
    if (code === 0) {
      expect(reached).toStrictEqual(new Set([old, fresh]));
      expect(call).toBeGreaterThan(30);
      return;
    }
  }
  throw new Error(`finalizing makes more than ${CALLS_MAX} calls`);
});
