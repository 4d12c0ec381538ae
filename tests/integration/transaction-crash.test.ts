import fs from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { listDeployments, readDeployments, storePath } from '../../src/deployment/index.ts';
import { fsck, importDirectory, setRef, unreachable, writeImageObject } from '../../src/store/index.ts';
import { ensureStore } from '../../src/store/store.ts';
import { listTransactions } from '../../src/transaction/index.ts';
import { execute } from '../support/command.ts';
import { scratchDirectory, testHost } from '../support/host.ts';
import { buildProgram } from './programs/build.ts';

let program = '';
beforeAll(async () => {
  program = await buildProgram('deployments');
});

function run(sysroot: string, args: readonly string[], env: Record<string, string> = {}) {
  return execute(process.execPath, [program, sysroot, ...args], { env, timeoutMs: 60_000 });
}

const host = testHost();

/** A sysroot with one small image and `count` deployments of it. */
async function makeSysroot(path: string, count: number): Promise<string> {
  const root = `${path}/root`;
  fs.mkdirSync(`${root}/etc`, { recursive: true });
  fs.writeFileSync(`${root}/etc/hostname`, 'localhost\n');
  fs.writeFileSync(`${root}/etc/long`, 'x'.repeat(100));
  fs.mkdirSync(`${root}/var/lib`, { recursive: true });
  fs.writeFileSync(`${root}/var/lib/state`, 'state\n');
  const store = ensureStore(host, storePath(path));
  const image = writeImageObject(store, await importDirectory(store, root, { mode: 'copy' }));
  fs.rmSync(root, { recursive: true });
  setRef(store, 'base/small', image);
  for (let i = 0; i < count; i++) expect((await run(path, ['create', image])).code).toBe(0);
  return image;
}

function idsIn(sysroot: string): string[] {
  return listDeployments({ host, sysroot }).map(one => one.id);
}

/** Everything that is wrong with the files of a sysroot, but for what only a cleanup takes from its store. */
async function litter(sysroot: string): Promise<string[]> {
  const wrong: string[] = [];
  const names = (path: string) => fs.readdirSync(`${sysroot}/${path}`);
  const ids = names('state/deploy');
  for (const directory of ['state', 'state/deploy', 'state/lock', 'state/os', 'state/os/web'])
    for (const name of names(directory)) if (name.startsWith('.tmp-')) wrong.push(`${directory}/${name}`);
  const refs = names('composefs/images/refs/deployment');
  wrong.push(...refs.filter(name => !ids.includes(name)).map(name => `ref of no deployment ${name}`));
  wrong.push(...ids.filter(name => !refs.includes(name)).map(name => `deployment without ref ${name}`));
  for (const id of names('state/transactions'))
    if (fs.existsSync(`${sysroot}/state/transactions/${id}/work`)) wrong.push(`work of ${id}`);
  const { findings } = await fsck(ensureStore(host, storePath(sysroot)));
  return [...wrong, ...findings.map(one => one.text)];
}

/** Runs `args` on a copy of `template`, killed at its N-th change, for each N until it comes through. */
async function killEverywhere(
  template: string,
  args: readonly string[],
  check: (sysroot: string, at: number) => Promise<void>,
): Promise<number> {
  for (let at = 1; ; at++) {
    using scratch = scratchDirectory();
    const sysroot = `${scratch.path}/sysroot`;
    fs.cpSync(template, sysroot, { recursive: true, verbatimSymlinks: true });
    const killed = await run(sysroot, args, { APT_LAYER_FAULT: `die:${at}` });
    if (killed.code === 0) return at - 1;
    expect(killed.code, killed.stderr).toBe(137);
    await check(sysroot, at);
  }
}

/** After a kill: readers work at once, the next transaction brings everything in order, and changes nothing more. */
async function expectRecovery(sysroot: string): Promise<void> {
  const seen = readDeployments({ host, sysroot });
  expect(seen.damaged).toStrictEqual([]);
  listTransactions({ host, sysroot });
  const after = await run(sysroot, ['nothing']);
  expect(after.code, after.stderr).toBe(0);
  expect(idsIn(sysroot)).toStrictEqual(seen.deployments.map(one => one.id));
  expect(await litter(sysroot)).toStrictEqual([]);
  const unfinished = listTransactions({ host, sysroot }).filter(
    one => one.result === 'running' || one.result === 'unreadable',
  );
  expect(unfinished).toStrictEqual([]);
}

/** A cleanup takes the rest: nothing unfinished and nothing unused is left in the store. */
async function expectCleanStore(sysroot: string): Promise<void> {
  const after = await run(sysroot, ['cleanup']);
  expect(after.code, after.stderr).toBe(0);
  const store = ensureStore(host, storePath(sysroot));
  expect(unreachable(store)).toStrictEqual({ objects: 0, images: 0, bytes: 0 });
  const names = fs.readdirSync(store.root, { recursive: true, encoding: 'utf8' });
  expect(names.filter(name => name.includes('.tmp-'))).toStrictEqual([]);
  expect(await litter(sysroot)).toStrictEqual([]);
}

describe('killed at any change', () => {
  it('making a deployment leaves the old order or the new one', async () => {
    using scratch = scratchDirectory();
    const image = await makeSysroot(scratch.path, 1);
    const old = idsIn(scratch.path);
    const outcomes = new Set<string>();
    const count = await killEverywhere(scratch.path, ['create', image], async sysroot => {
      const ids = idsIn(sysroot);
      const made = ids.filter(id => !old.includes(id));
      expect(made.length).toBeLessThanOrEqual(1);
      expect(ids.filter(id => old.includes(id))).toStrictEqual(old);
      outcomes.add(made.length === 0 ? 'old' : ids[0] === made[0] ? 'new' : 'made, not yet first');
      if (made[0] !== undefined)
        expect(fs.readFileSync(`${sysroot}/state/deploy/${made[0]}/etc/hostname`, 'utf8')).toBe(
          'localhost\n',
        );
      await expectRecovery(sysroot);
      await expectCleanStore(sysroot);
    });
    expect(count).toBeGreaterThan(40);
    expect([...outcomes].sort()).toStrictEqual(['made, not yet first', 'new', 'old']);
  });

  it('making the first deployment of an empty sysroot leaves none or one', async () => {
    using scratch = scratchDirectory();
    const image = await makeSysroot(scratch.path, 0);
    await killEverywhere(scratch.path, ['create', image], async sysroot => {
      expect(idsIn(sysroot).length).toBeLessThanOrEqual(1);
      const after = await run(sysroot, ['create', image]);
      expect(after.code, after.stderr).toBe(0);
      expect(idsIn(sysroot)[0]).toBe(after.stdout.trim());
      expect(fs.readFileSync(`${sysroot}/state/os/web/var/lib/state`, 'utf8')).toBe('state\n');
      expect(await litter(sysroot)).toStrictEqual([]);
    });
  });

  it('switching leaves the old order or the new one', async () => {
    using scratch = scratchDirectory();
    await makeSysroot(scratch.path, 2);
    const old = idsIn(scratch.path);
    const outcomes = new Set<string>();
    await killEverywhere(scratch.path, ['deploy', '1'], async sysroot => {
      outcomes.add(idsIn(sysroot).join(' '));
      await expectRecovery(sysroot);
    });
    expect([...outcomes].sort()).toStrictEqual([old.join(' '), [...old].reverse().join(' ')].sort());
  });

  it('cleaning up leaves every deployment whole or gone, and a second time finishes it', async () => {
    using scratch = scratchDirectory();
    await makeSysroot(scratch.path, 4);
    const old = idsIn(scratch.path);
    await killEverywhere(scratch.path, ['cleanup'], async sysroot => {
      const ids = idsIn(sysroot);
      expect(ids.slice(0, 2)).toStrictEqual(old.slice(0, 2));
      await expectRecovery(sysroot);
      await expectCleanStore(sysroot);
      expect(idsIn(sysroot)).toStrictEqual(old.slice(0, 2));
    });
  });
});

describe('a change that fails', () => {
  it.each(['eio', 'enospc'])(
    'with %s at any point is undone, or done, and never ends in a crash',
    async kind => {
      using scratch = scratchDirectory();
      const image = await makeSysroot(scratch.path, 1);
      const old = idsIn(scratch.path);
      const outcomes = new Set<string>();
      let at = 1;
      for (let strikes = true; strikes; at++) {
        using copy = scratchDirectory();
        const sysroot = `${copy.path}/sysroot`;
        fs.cpSync(scratch.path, sysroot, { recursive: true, verbatimSymlinks: true });
        const { code, stdout, stderr } = await run(sysroot, ['create', image], {
          APT_LAYER_FAULT: `${kind}:${at}`,
        });
        expect([0, 1], stderr).toContain(code);
        if (code === 1) expect(stderr).toContain(kind === 'eio' ? 'EIO' : 'ENOSPC');
        expect(idsIn(sysroot)).toStrictEqual(code === 0 ? [stdout.trim(), ...old] : old);
        outcomes.add(code === 0 ? 'done' : 'undone');
        await expectRecovery(sysroot);
        // The program says how many changes it made, so the last round is one that nothing struck.
        strikes = at <= Number(/changes (\d+)/.exec(stderr)?.[1] ?? at);
      }
      expect(at).toBeGreaterThan(40);
      expect([...outcomes].sort()).toStrictEqual(['done', 'undone']);
    },
  );
});
