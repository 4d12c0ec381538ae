import fs from 'node:fs';
import {
  createDeployment,
  deploymentRecovery,
  listDeployments,
  type NewDeployment,
  storePath,
} from '../../src/deployment/index.ts';
import type { Host } from '../../src/host/index.ts';
import { importDirectory, setRef, writeImageObject } from '../../src/store/index.ts';
import { ensureStore } from '../../src/store/store.ts';
import { type Transaction, withTransaction } from '../../src/transaction/index.ts';
import { testHost } from './host.ts';

/** A machine that runs from one of its deployments, as far as the program can tell. */
export interface BootedMachine {
  readonly directory: string;
  readonly sysroot: string;
  /** What is /run/apt-layer elsewhere. */
  readonly run: string;
  readonly host: Host;
  /** Runs in a transaction of its own. */
  in<T>(action: (transaction: Transaction) => T | Promise<T>): Promise<T>;
  /** Makes a deployment of an image with these files; `parts` of what it is made from. */
  deploy(
    files: Readonly<Record<string, string>>,
    parts?: Partial<NewDeployment>,
    owners?: Readonly<Record<string, readonly [uid: number, gid: number]>>,
  ): Promise<string>;
  /** Notes what the initramfs would, had it mounted this deployment. */
  boot(id: string): void;
  /** The path of a file in the /etc of a deployment. */
  etc(id: string, name: string): string;
  /** All deployments, in boot order. */
  ids(): string[];
}

/** The machine in a directory, which may be a copy of another one's. */
export function bootedMachine(directory: string): BootedMachine {
  const sysroot = `${directory}/sysroot`;
  const run = `${directory}/run/apt-layer`;
  const host = testHost({ runDirectory: run });
  fs.mkdirSync(run, { recursive: true });
  const machine: BootedMachine = {
    directory,
    sysroot,
    run,
    host,
    in(action) {
      const options = {
        verb: 'test',
        commandLine: 'test',
        recovery: [deploymentRecovery],
        summarize: () => ({}),
      };
      return withTransaction({ host, sysroot }, options, async transaction => action(transaction));
    },
    deploy: (files, parts = {}, owners = {}) =>
      machine.in(transaction => deploy(machine, transaction, { files, parts, owners })),
    boot(id) {
      const image = listDeployments({ host, sysroot }).find(one => one.id === id)?.image;
      const booted = { version: 1, deployment: id, image, verity: false, sysroot };
      fs.writeFileSync(`${run}/booted`, JSON.stringify(booted));
    },
    etc: (id, name) => `${sysroot}/state/deploy/${id}/etc/${name}`,
    ids: () => listDeployments({ host, sysroot }).map(one => one.id),
  };
  return machine;
}

async function deploy(
  { host, sysroot, directory }: BootedMachine,
  transaction: Transaction,
  {
    files,
    parts,
    owners,
  }: {
    files: Readonly<Record<string, string>>;
    parts: Partial<NewDeployment>;
    owners: Readonly<Record<string, readonly [uid: number, gid: number]>>;
  },
): Promise<string> {
  const store = ensureStore(host, storePath(sysroot));
  const root = `${directory}/root`;
  for (const [name, text] of Object.entries({ 'var/lib/seed': 'seed', ...files })) {
    fs.mkdirSync(`${root}/${name}`.replace(/[^/]*$/, ''), { recursive: true });
    fs.writeFileSync(`${root}/${name}`, text);
  }
  for (const [name, [uid, gid]] of Object.entries(owners)) fs.chownSync(`${root}/${name}`, uid, gid);
  const image = writeImageObject(store, await importDirectory(store, root, { mode: 'adopt' }));
  fs.rmSync(root, { recursive: true });
  setRef(store, 'base/test', image);
  return await createDeployment(host, store, transaction, {
    name: 'web',
    image,
    base: undefined,
    version: undefined,
    specText: '{}\n',
    lockText: '{}\n',
    origin: { spec: {}, lock: undefined },
    requestedPackages: [],
    packages: [],
    ...parts,
  });
}
