import { closure, type Dependencies, findDependencies } from './dependencies.ts';
import type { DpkgDatabase } from './dpkg-database.ts';
import { isPresent } from './installed.ts';
import type { AssemblyPackage } from './package.ts';
import { isNoOpOnInstall, standsAlone } from './preinst/index.ts';
import { type DpkgReason, findReasons } from './reasons.ts';
import { names } from './satisfaction.ts';

/** `native`: its tree is merged. `dpkg`: dpkg unpacks the .deb in the sandbox. */
export type Route = 'native' | 'dpkg';

export interface PlannedPackage {
  readonly package: AssemblyPackage;
  readonly route: Route;
  /** Why dpkg; none for `native`. */
  readonly reasons: readonly DpkgReason[];
  /** `no-op` when it certainly does nothing on a fresh installation, so that it need not run. */
  readonly preinst: 'none' | 'no-op' | 'run';
}

/** Packages that are unpacked together and then configured, before the next step begins. */
export interface AssemblyStep {
  readonly route: Route;
  /** By name. */
  readonly packages: readonly AssemblyPackage[];
  /** Those of them whose preinst has to run, before any of their files are there. */
  readonly preinsts: readonly AssemblyPackage[];
}

export interface AssemblyPlan {
  readonly packages: readonly PlannedPackage[];
  readonly steps: readonly AssemblyStep[];
}

/**
 * Decides how each of `packages` gets into a system, and in which steps. A package whose preinst may need its Pre-Depends comes
 * after these are configured. One that needs, or breaks the old version of, a package that dpkg unpacks comes
 * after that; when the other needs it in turn, dpkg unpacks both.
 */
export function planAssembly(database: DpkgDatabase, packages: readonly AssemblyPackage[]): AssemblyPlan {
  const sorted = [...packages].sort(
    (a, b) => compare(a.name, b.name) || compare(a.architecture, b.architecture),
  );
  const reasons = findReasons(database, sorted);
  const dependencies = findDependencies(database, sorted);
  const after = withExclusions(database, { packages: sorted, dependencies, reasons });
  const order: Order = { database, dependencies, after, reach: reachBy(after) };
  bind(sorted, reasons, order);
  const planned = sorted.map(one => planOne(one, reasons.get(one) ?? []));
  return { packages: planned, steps: stepsOf(planned, order) };
}

type After = (one: AssemblyPackage) => readonly AssemblyPackage[];

interface Order {
  readonly database: DpkgDatabase;
  readonly dependencies: Dependencies;
  /** What must be there first, directly. */
  readonly after: After;
  /** The same with what those need; itself only in a circle. */
  reach(one: AssemblyPackage): ReadonlySet<AssemblyPackage>;
}

function reachBy(after: After): Order['reach'] {
  const reached = new Map<AssemblyPackage, ReadonlySet<AssemblyPackage>>();
  return one => {
    const known = reached.get(one) ?? closure(after(one), after);
    reached.set(one, known);
    return known;
  };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function planOne(one: AssemblyPackage, reasons: readonly DpkgReason[]): PlannedPackage {
  const script = one.image.control.get('preinst');
  const preinst = script === undefined ? 'none' : isNoOpOnInstall(script.bytes) ? 'no-op' : 'run';
  return { package: one, route: reasons.length > 0 ? 'dpkg' : 'native', reasons, preinst };
}

/** What must be there first: dependencies, and those whose old version the package cannot be configured beside. */
function withExclusions(
  database: DpkgDatabase,
  set: {
    packages: readonly AssemblyPackage[];
    dependencies: Dependencies;
    reasons: ReadonlyMap<AssemblyPackage, readonly DpkgReason[]>;
  },
): After {
  const upgraded = new Map([...set.reasons.keys()].map(one => [one.name, one]));
  const found = new Map<AssemblyPackage, readonly AssemblyPackage[]>();
  for (const one of set.packages) {
    const excluded = one.excludes.flat().flatMap(relation => {
      const other = upgraded.get(relation.name);
      const old = database.packages.get(relation.name) ?? [];
      const isOld = old.some(installed => isPresent(installed) && names(relation, installed));
      return other !== undefined && other !== one && isOld ? [other] : [];
    });
    found.set(one, [...set.dependencies.of(one), ...excluded]);
  }
  return one => found.get(one) ?? [];
}

/** A native package that needs one of dpkg's, which needs it: no step could come first. */
function bind(
  packages: readonly AssemblyPackage[],
  reasons: Map<AssemblyPackage, DpkgReason[]>,
  { reach }: Order,
): void {
  const pending = [...reasons.keys()];
  for (let other = pending.pop(); other !== undefined; other = pending.pop())
    for (const one of packages) {
      if (reasons.has(one) || !reach(other).has(one)) continue;
      if (![...reasons.keys()].some(held => reach(one).has(held))) continue;
      reasons.set(one, [{ kind: 'bound', to: other.infoName }]);
      pending.push(one);
    }
}

/** Packages that others wait for come as early as they can, all others in the last step. */
function stepsOf(planned: readonly PlannedPackage[], order: Order): AssemblyStep[] {
  const routes = new Map(planned.map(one => [one.package, one.route]));
  const before = new Map(planned.map(one => [one.package, mustPrecede(one, routes, order)]));
  const level = levelsOf(planned, before, order.after);
  const awaited = new Set([...before.values()].flatMap(set => [...set]));
  const last = Math.max(0, ...level.values());
  const steps: AssemblyStep[] = [];
  for (let at = 0; at <= last; at += 1)
    for (const route of ['native', 'dpkg'] as const) {
      const here = planned.filter(one => {
        const ownLevel = awaited.has(one.package) ? (level.get(one.package) ?? 0) : last;
        return one.route === route && ownLevel === at;
      });
      if (here.length === 0) continue;
      const preinsts = here.filter(one => one.preinst === 'run').map(one => one.package);
      steps.push({ route, packages: here.map(one => one.package), preinsts });
    }
  return steps;
}

/** Packages that have to be configured before this one is unpacked; none of them needs it in turn. */
function mustPrecede(
  one: PlannedPackage,
  routes: ReadonlyMap<AssemblyPackage, Route>,
  { database, dependencies, reach }: Order,
): Set<AssemblyPackage> {
  const found = new Set<AssemblyPackage>();
  const addAll = (other: AssemblyPackage) => {
    for (const any of [other, ...reach(other)]) found.add(any);
  };
  for (const other of reach(one.package)) if (routes.get(other) !== one.route) addAll(other);
  const isScriptNeedy = one.preinst === 'run' && !standsAlone(preinstOf(one));
  if (one.route === 'dpkg' || isScriptNeedy || isOwnedByNewAccounts(one.package, database))
    for (const other of dependencies.before(one.package)) addAll(other);
  for (const other of found) if (reach(other).has(one.package)) found.delete(other);
  found.delete(one.package);
  return found;
}

/** Files of accounts that only a pre-dependency can make: their numbers are not known before. */
function isOwnedByNewAccounts({ image }: AssemblyPackage, { users, groups }: DpkgDatabase): boolean {
  return image.entries.some(
    ({ user, group }) =>
      (user !== undefined && !users.has(user)) || (group !== undefined && !groups.has(group)),
  );
}

function preinstOf(one: PlannedPackage): Buffer {
  return one.package.image.control.get('preinst')?.bytes ?? Buffer.alloc(0);
}

/** The lowest numbers by which each comes after what must precede it, and not before what it needs. */
function levelsOf(
  planned: readonly PlannedPackage[],
  before: ReadonlyMap<AssemblyPackage, ReadonlySet<AssemblyPackage>>,
  after: After,
): Map<AssemblyPackage, number> {
  const level = new Map(planned.map(one => [one.package, 0]));
  for (let round = 0, changed = true; changed; round += 1) {
    if (round > planned.length + 1) throw new Error('packages that must precede each other');
    changed = false;
    for (const { package: one } of planned) {
      const strict = [...(before.get(one) ?? [])].map(other => (level.get(other) ?? 0) + 1);
      const loose = after(one).map(other => level.get(other) ?? 0);
      const lowest = Math.max(0, ...strict, ...loose);
      if (lowest > (level.get(one) ?? 0)) {
        level.set(one, lowest);
        changed = true;
      }
    }
  }
  return level;
}
