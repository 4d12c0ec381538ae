import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  applySwitch,
  cleanup,
  createDeployment,
  deploymentRecovery,
  finalize,
  listDeployments,
  planRollback,
  planUnstage,
  readDeployments,
  storePath,
} from '../../src/deployment/index.ts';
import type { Host } from '../../src/host/index.ts';
import { ensureStore, importDirectory, setRef, writeImageObject } from '../../src/store/index.ts';
import { type Transaction, withTransaction } from '../../src/transaction/index.ts';
import { scratchDirectory, testHost } from '../support/host.ts';

/** A machine that runs from its first deployment, as far as the program can tell. */
class Machine implements Disposable {
  readonly #scratch = scratchDirectory();
  readonly sysroot = `${this.#scratch.path}/sysroot`;
  readonly run = `${this.#scratch.path}/run/apt-layer`;
  readonly host: Host = testHost({ runDirectory: this.run });

  constructor() {
    fs.mkdirSync(this.run, { recursive: true });
  }

  [Symbol.dispose](): void {
    this.#scratch[Symbol.dispose]();
  }

  in<T>(action: (transaction: Transaction) => T | Promise<T>): Promise<T> {
    const options = {
      verb: 'test',
      commandLine: 'test',
      recovery: [deploymentRecovery],
      summarize: () => ({}),
    };
    return withTransaction(this.host, this.sysroot, options, async transaction => action(transaction));
  }

  /** A deployment of an image with these files. */
  async deploy(files: Readonly<Record<string, string>>): Promise<string> {
    return await this.in(async transaction => {
      const store = ensureStore(this.host, storePath(this.sysroot));
      const root = `${this.#scratch.path}/root`;
      for (const [name, text] of Object.entries({ 'var/lib/seed': 'seed', ...files })) {
        fs.mkdirSync(`${root}/${name}`.replace(/[^/]*$/, ''), { recursive: true });
        fs.writeFileSync(`${root}/${name}`, text);
      }
      const image = writeImageObject(store, await importDirectory(store, root, { mode: 'adopt' }));
      fs.rmSync(root, { recursive: true });
      setRef(store, 'base/test', image);
      return await createDeployment(this.host, store, transaction, {
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

  /** What the initramfs would note. */
  boot(id: string): void {
    const image = listDeployments(this.host, this.sysroot).find(one => one.id === id)?.image;
    const booted = { version: 1, deployment: id, image, verity: false, sysroot: this.sysroot };
    fs.writeFileSync(`${this.run}/booted`, JSON.stringify(booted));
  }

  etc(id: string, name: string): string {
    return `${this.sysroot}/state/deploy/${id}/etc/${name}`;
  }

  ids(): string[] {
    return listDeployments(this.host, this.sysroot).map(one => one.id);
  }
}

const OLD = { 'etc/app.conf': 'a=1\n', 'etc/gone': 'x\n', 'etc/mine': 'default\n' };
const NEW = {
  'etc/app.conf': 'a=2\n',
  'etc/added': 'new\n',
  'etc/mine': 'default\n',
  'var/lib/more': 'more',
};

async function staged(): Promise<{ machine: Machine; old: string; fresh: string }> {
  const machine = new Machine();
  const old = await machine.deploy(OLD);
  machine.boot(old);
  fs.writeFileSync(machine.etc(old, 'mine'), 'changed\n');
  const fresh = await machine.deploy(NEW);
  return { machine, old, fresh };
}

describe('a change on a booted machine', () => {
  it('is staged, without /etc, and is first in the list', async () => {
    const { machine, old, fresh } = await staged();
    using _ = machine;
    const [first, second] = listDeployments(machine.host, machine.sysroot);
    expect(first).toMatchObject({ id: fresh, staged: true, finalized: false, booted: false });
    expect(second).toMatchObject({ id: old, staged: false, finalized: true, booted: true });
    expect(fs.existsSync(machine.etc(fresh, ''))).toBe(false);
    expect(fs.readFileSync(`${machine.sysroot}/state/boot.json`, 'utf8')).not.toContain(fresh);
    expect(fs.readFileSync(`${machine.run}/../reboot-required.pkgs`, 'utf8')).toBe(`${fresh}\n`);
  });

  it('gets the merged /etc and what /var lacks when it is finalized, late edits too', async () => {
    const { machine, old, fresh } = await staged();
    using _ = machine;
    fs.writeFileSync(machine.etc(old, 'late'), 'late\n');
    const done = await machine.in(transaction => finalize(transaction, { keep: false }));
    expect(done.deployment).toBe(fresh);
    const read = (name: string) => fs.readFileSync(machine.etc(fresh, name), 'utf8');
    expect([read('app.conf'), read('mine'), read('added'), read('late')]).toStrictEqual([
      'a=2\n',
      'changed\n',
      'new\n',
      'late\n',
    ]);
    expect(fs.existsSync(machine.etc(fresh, 'gone'))).toBe(false);
    expect(fs.existsSync(`${machine.sysroot}/state/os/web/var/lib/more`)).toBe(true);
    expect(machine.ids()).toStrictEqual([fresh, old]);
    expect(listDeployments(machine.host, machine.sysroot)[0]).toMatchObject({ staged: false });
  });

  it('that was finalized at boot stays staged, and is merged again', async () => {
    const { machine, old, fresh } = await staged();
    using _ = machine;
    await machine.in(transaction => finalize(transaction, { keep: true }));
    expect(listDeployments(machine.host, machine.sysroot)[0]).toMatchObject({
      staged: true,
      finalized: true,
    });
    fs.writeFileSync(machine.etc(old, 'mine'), 'changed again\n');
    await machine.in(transaction => finalize(transaction, { keep: false }));
    expect(fs.readFileSync(machine.etc(fresh, 'mine'), 'utf8')).toBe('changed again\n');
    expect(fs.readdirSync(`${machine.sysroot}/state/deploy`).sort()).toStrictEqual([fresh, old].sort());
  });

  it('replaces the one that was staged before', async () => {
    const { machine, old, fresh } = await staged();
    using _ = machine;
    const newer = await machine.deploy({ ...NEW, 'etc/more': 'x' });
    expect(machine.ids()).toStrictEqual([newer, old]);
    expect(fs.existsSync(`${machine.sysroot}/state/deploy/${fresh}`)).toBe(false);
  });

  it.each([
    ['rollback', planRollback],
    ['unstage', planUnstage],
  ] as const)('goes with %s', async (__, plan) => {
    const { machine, old } = await staged();
    using _ = machine;
    await machine.in(transaction => applySwitch(transaction, plan(machine.host, machine.sysroot)));
    expect(machine.ids()).toStrictEqual([old]);
    expect(fs.existsSync(`${machine.run}/../reboot-required`)).toBe(false);
    expect(readDeployments(machine.host, machine.sysroot).damaged).toStrictEqual([]);
  });

  it('is kept by a cleanup', async () => {
    const { machine, old, fresh } = await staged();
    using _ = machine;
    await machine.in(transaction => cleanup(transaction, 1));
    expect(machine.ids()).toStrictEqual([fresh, old]);
  });

  it('says why it could not be finalized, and tries again', async () => {
    const { machine, fresh } = await staged();
    using _ = machine;
    const boot = `${machine.sysroot}/state/bootloader.json`;
    fs.writeFileSync(
      boot,
      JSON.stringify({ version: 1, loader: 'grub', boot: { path: '/boot' }, arguments: [] }),
    );
    await expect(machine.in(transaction => finalize(transaction, { keep: false }))).rejects.toThrow(/kernel/);
    expect(readDeployments(machine.host, machine.sysroot).stagingFailure).toMatch(/kernel/);
    fs.rmSync(boot);
    expect((await machine.in(transaction => finalize(transaction, { keep: false }))).deployment).toBe(fresh);
    expect(readDeployments(machine.host, machine.sysroot).stagingFailure).toBeUndefined();
  });
});
