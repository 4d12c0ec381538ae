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

/**
 * The base as `local://NAME`: the given one, or a minimal root of the suite. That one is a little different each time, so that no
 * build of an earlier run is taken instead of a new one.
 */
async function ensureBase({ suite, base, sysroot, directory, say }: Request): Promise<string> {
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
