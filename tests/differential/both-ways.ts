import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import { aptGetInstallChroot } from '../support/apt-oracle.ts';
import { unpackMinbase } from '../support/base.ts';
import { must } from '../support/command.ts';
import { aptLayerMust } from '../support/program.ts';
import { checkoutPlain } from './plain-root.ts';

export interface Request {
  readonly suite: string;
  readonly packages: readonly string[];
  /** `local://NAME` of `sysroot`, instead of a minimal base of the suite. */
  readonly base: string | undefined;
  readonly sysroot: string;
  /** Gets `theirs`, `ours` and the specs. */
  readonly directory: string;
  /** Hears what happens. */
  readonly say: (text: string) => void;
}

/** The roots that both ways make, as plain Debian roots, and how long they took. */
export interface BothWays {
  readonly theirs: string;
  readonly ours: string;
  /** From the base to the finished image, or to the end of apt-get with its update of lists; archives were at hand. */
  readonly seconds: { readonly 'apt-layer': number; readonly 'apt-get': number };
}

/** An apt-get of two thousand packages takes long on a slow machine. */
const LIMIT = { timeoutMs: 3 * 3600 * 1000 };

/** Installs the packages with the program and with apt-get, on the same base and from the same archives. */
export async function installBothWays(request: Request): Promise<BothWays> {
  const { packages, sysroot, directory, say } = request;
  const [theirs, ours, spec] = ['theirs', 'ours', 'spec.yaml'].map(name => `${directory}/${name}`) as [
    string,
    string,
    string,
  ];
  const base = await ensureBase(request);
  fs.writeFileSync(spec, `base-image: ${base}\nlayers: [${packages.map(quoted).join(', ')}]\n`);
  await checkoutPlain(sysroot, base.replace('local://', ''), theirs);
  const archives = `${sysroot}/cache/apt/archives`;
  fs.mkdirSync(`${archives}/partial`, { recursive: true });

  const apt = (options: readonly string[]) =>
    aptGetInstallChroot(theirs, packages, { installRecommends: true, archives, options });
  await timed(say, 'download', () => apt(['APT::Get::Download-Only=true']));
  await timed(say, 'package lists', () =>
    aptLayerMust(sysroot, ['--dry-run', 'compose', 'tree', spec, '--no-deploy', '--refresh'], LIMIT),
  );
  const seconds = {
    'apt-layer': await timed(say, 'apt-layer', () =>
      aptLayerMust(sysroot, ['compose', 'tree', spec, '--no-deploy', '--ref', 'differential/out'], LIMIT),
    ),
    'apt-get': await timed(say, 'apt-get', () => apt([])),
  };
  await checkoutPlain(sysroot, 'differential/out', ours);
  return { theirs, ours, seconds };
}

/** A set of packages that is installed group after group. */
export interface StagedRequest extends Omit<Request, 'packages'> {
  readonly groups: readonly (readonly string[])[];
}

/** The roots of both ways, and that of all packages in one stage. */
export interface Staged {
  readonly theirs: string;
  readonly ours: string;
  readonly fresh: string;
}

/** Installs groups of packages one after the other: each as one stage of the program, and by an apt-get of its own in one chroot. */
export async function installStaged(request: StagedRequest): Promise<Staged> {
  const { groups, sysroot, directory, say } = request;
  const place = (name: string) => `${directory}/${name}`;
  const [theirs, ours, fresh] = ['theirs', 'ours', 'fresh'].map(place) as [string, string, string];
  const base = await ensureBase(request);
  await checkoutPlain(sysroot, base.replace('local://', ''), theirs);
  const archives = `${sysroot}/cache/apt/archives`;
  fs.mkdirSync(`${archives}/partial`, { recursive: true });
  const specOf = (name: string, packages: readonly string[]) => {
    const path = place(`${name}.yaml`);
    fs.writeFileSync(
      path,
      `name: staged\nbase-image: ${base}\nlayers: [${packages.map(quoted).join(', ')}]\n`,
    );
    return path;
  };
  const start = specOf('none', []);
  await aptLayerMust(sysroot, ['compose', 'tree', start, '--new-name'], LIMIT);
  for (const [index, group] of groups.entries()) {
    await timed(say, `layer ${group.join(' ')}`, () => aptLayerMust(sysroot, ['layer', ...group], LIMIT));
    await timed(say, `apt-get ${index + 1}`, () =>
      aptGetInstallChroot(theirs, group, { installRecommends: true, archives }),
    );
  }
  const status = (await aptLayerMust(sysroot, ['status', '--json'])).json() as {
    deployments: { checksum: string; stages: unknown[] }[];
  };
  const [deployment] = status.deployments;
  // Each group is one, unless there was all of it already.
  say(`stages: ${deployment?.stages.length} of ${groups.length} groups`);
  const all = specOf('all', groups.flat());
  await timed(say, 'all in one', () =>
    aptLayerMust(sysroot, ['compose', 'tree', all, '--no-deploy', '--ref', 'differential/fresh'], LIMIT),
  );
  await checkoutPlain(sysroot, deployment?.checksum ?? '', ours);
  await checkoutPlain(sysroot, 'differential/fresh', fresh);
  return { theirs, ours, fresh };
}

/**
 * The base as `local://NAME`: the given one, or a minimal root of the suite. That one is a little different each time, so that no
 * build of an earlier run is taken instead of a new one.
 */
async function ensureBase({
  suite,
  base,
  sysroot,
  directory,
  say,
}: Omit<Request, 'packages'>): Promise<string> {
  if (base !== undefined) return base;
  const ref = `differential/${suite}`;
  await timed(say, 'base', async () => {
    const root = `${directory}/base`;
    await unpackMinbase(root, suite);
    fs.writeFileSync(`${root}/etc/differential-run`, `${randomUUID()}\n`);
    await aptLayerMust(sysroot, ['image', 'import', root, '--ref', ref]);
    await must('rm', ['-rf', '--', root]);
  });
  return `local://${ref}`;
}

/** A package in YAML, where `:` and `=` may mean something. */
function quoted(name: string): string {
  return JSON.stringify(name);
}

async function timed(say: Request['say'], what: string, action: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await action();
  const seconds = (performance.now() - started) / 1000;
  say(`${what}: ${seconds.toFixed(1)} s`);
  return seconds;
}
