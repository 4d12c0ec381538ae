import { execFileSync } from 'node:child_process';
import type { Difference } from '../differential/difference.ts';
import { judge } from '../differential/judge.ts';
import { checkoutPlain } from '../differential/plain-root.ts';
import { aptLayer } from '../support/program.ts';
import { removeTreeWithMounts } from '../support/temporary.ts';
import { changesOf, type Machine, machineOf, notOf, ownChanged } from './machine.ts';
import { type PlainDpkg, plainDpkg } from './plain-dpkg.ts';

/** What packages are layered on, and where. */
export interface Ground {
  /** The plain root that was imported. */
  readonly base: string;
  /** A sysroot with that base deployed. */
  readonly sysroot: string;
  /** For what is made on the way. */
  readonly directory: string;
}

/** A package and the archives of its versions, in the order in which they come. */
export interface Versions {
  readonly name: string;
  readonly debs: readonly string[];
  readonly known?: readonly { readonly path: RegExp; readonly reason: string }[];
}

/** What became of packages, both ways. */
export interface Life {
  /** What dpkg and the program say where they refuse one: the step in front. */
  readonly theirs: string | undefined;
  readonly ours: string | undefined;
  /** What is not as with dpkg, the step in front of the path. */
  readonly differences: readonly Difference[];
  /** What is otherwise than with dpkg, and has to be. */
  readonly explained: readonly { readonly path: string; readonly reason: string }[];
}

const FRESH = 'as where there was no older version';
/** Of the machine, and its own: not of an image. */
const DATA = /^(v\d machine|unlayered) \/var\//;
const LEFT = 'dpkg leaves it behind';
const KEPT = 'data in /var stays on the machine, as a warning says';

/**
 * All packages installed, then upgraded version by version, then purged: with dpkg in a plain root, and with the program. Ends at the first
 * refusal. The program's sysroot is as before then, or that is a difference.
 */
export async function lifeOf(packages: readonly Versions[], ground: Ground): Promise<Life> {
  const before = await machineOf(ground.sysroot);
  const theirs = await plainDpkg(ground.base, `${ground.directory}/theirs`);
  const differences: Difference[] = [];
  const explained: { path: string; reason: string }[] = [];
  const refusals: { theirs?: string; ours?: string } = {};
  const warned: string[] = [];
  let layered = false;
  try {
    for (let index = 0; index < (packages[0]?.debs.length ?? 0); index++) {
      const debs = packages.map(one => one.debs[index] ?? '');
      const said = await theirs.dpkg('--install', ...debs);
      const result = await aptLayer(ground.sysroot, ['layer', ...debs]);
      layered ||= result.code === 0;
      warned.push(...warnedOf(result.stderr));
      if (said.code !== 0) refusals.theirs = `v${index + 1}: ${said.said}`;
      if (result.code !== 0) refusals.ours = `v${index + 1}: ${result.stderr}`;
      if (said.code !== 0 || result.code !== 0) break;
      const found = await afterStep({ debs, index, ground, theirs, before });
      differences.push(...found.differences.map(one => ({ ...one, path: `v${index + 1} ${one.path}` })));
      explained.push(...found.explained);
    }
    const names = packages.map(one => one.name);
    if (layered) {
      const { code, stderr } = await aptLayer(ground.sysroot, ['unlayer', ...names]);
      if (code !== 0) refusals.ours = `unlayer: ${stderr}`;
    }
    differences.push(...changesOf(before, await machineOf(ground.sysroot)));
    if (refusals.theirs === undefined) explained.push(...(await leftByDpkg(theirs, names, ground)));
  } finally {
    await theirs[Symbol.asyncDispose]();
  }
  const settled = settle(differences, { packages, warned });
  return {
    theirs: refusals.theirs,
    ours: refusals.ours,
    differences: settled.differences,
    explained: [...explained, ...settled.explained],
  };
}

/** Packages of which the program says that the machine keeps what they have in /var. */
function warnedOf(stderr: string): string[] {
  const found = stderr.matchAll(/^warning: (\S+) has files among a machine's data/gm);
  return [...found].map(([, name = '']) => name);
}

/** Differences that are known to stay, and those that the program warned of, have a reason. */
function settle(
  all: readonly Difference[],
  { packages, warned }: { readonly packages: readonly Versions[]; readonly warned: readonly string[] },
): Pick<Life, 'differences' | 'explained'> {
  const known = packages.flatMap(one => one.known ?? []);
  const reasonOf = ({ path }: Difference) =>
    known.find(one => one.path.test(path))?.reason ??
    (DATA.test(path) && warned.some(name => path.includes(name)) ? KEPT : undefined);
  return {
    differences: all.filter(difference => reasonOf(difference) === undefined),
    explained: all.flatMap(difference => {
      const reason = reasonOf(difference);
      return reason === undefined ? [] : [{ path: difference.path, reason }];
    }),
  };
}

interface Step {
  readonly debs: readonly string[];
  readonly index: number;
  readonly ground: Ground;
  readonly theirs: PlainDpkg;
  readonly before: Machine;
}

/** Holds the image and the machine against dpkg's root. */
async function afterStep(step: Step): Promise<Pick<Life, 'differences' | 'explained'>> {
  const { ground, theirs, before } = step;
  const checkout = `${ground.directory}/ours`;
  const machine = await machineOf(ground.sysroot);
  await checkoutPlain(ground.sysroot, machine.image, checkout);
  try {
    const audit = execFileSync('chroot', [checkout, 'dpkg', '--audit'], { encoding: 'utf8' });
    const found = await differencesFrom(theirs, checkout, step);
    return {
      explained: found.explained,
      differences: [
        ...found.differences,
        ...notOf(checkout, machine),
        ...ownChanged(before, machine),
        ...(audit === '' ? [] : [{ class: 'status' as const, path: 'dpkg --audit', detail: audit }]),
      ],
    };
  } finally {
    await removeTreeWithMounts(checkout);
  }
}

/**
 * An upgrade leaves behind what only the older version had, such as configuration files; a deployment is made anew. So what
 * differs after one has to be as in a root in which dpkg installs that version alone.
 */
async function differencesFrom(
  theirs: PlainDpkg,
  ours: string,
  { debs, index, ground }: Step,
): Promise<Pick<Life, 'differences' | 'explained'>> {
  const { differences } = judge(theirs.root, ours);
  if (index === 0 || differences.length === 0) return { differences, explained: [] };
  const fresh = await plainDpkg(ground.base, `${ground.directory}/fresh`);
  try {
    if ((await fresh.dpkg('--install', ...debs)).code !== 0) return { differences, explained: [] };
    const again = judge(fresh.root, ours).differences;
    const known = new Set(again.map(difference => JSON.stringify(difference)));
    return {
      differences: again,
      explained: differences
        .filter(difference => !known.has(JSON.stringify(difference)))
        .map(({ path, detail }) => ({ path: `${path} ${detail}`, reason: FRESH })),
    };
  } finally {
    await fresh[Symbol.asyncDispose]();
  }
}

/** What dpkg does not remove: the program's image is the base again, which `changesOf` holds it to. */
async function leftByDpkg(theirs: PlainDpkg, names: readonly string[], { base }: Ground) {
  const purged = await theirs.dpkg('--purge', ...names);
  const left = judge(base, theirs.root).differences.map(({ path, detail }) => ({
    path: `${path} ${detail}`,
    reason: LEFT,
  }));
  const stay = names.filter(name => purged.said.includes(`error processing package ${name} (`));
  return [...left, ...stay.map(name => ({ path: name, reason: 'dpkg does not purge it' }))];
}
