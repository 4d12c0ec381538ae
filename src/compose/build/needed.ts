import { fromText, toText } from '../../formats/bytes/index.ts';
import { fieldValue, parseRelations, parseStanzas, type Relations } from '../../formats/deb822/index.ts';
import { type LockedPackage, lockedKey } from '../lock/index.ts';

interface Installed {
  readonly key: string;
  readonly name: string;
  readonly architecture: string;
  readonly provides: readonly string[];
  readonly needs: Relations;
}

const FIELDS = ['Package', 'Architecture', 'Provides', 'Pre-Depends', 'Depends', 'Recommends'];

/**
 * Those of the locked packages that the requested ones need, themselves included, as autoremove would leave them: what they depend on, and what they
 * recommend unless `recommends` is false. Of alternatives each that is there stays. `names`: what was asked
 * for, which may only be provided. `status`: of a system that has them all.
 */
export function neededPackages(
  packages: readonly LockedPackage[],
  {
    status,
    recommends,
    names,
  }: { readonly status: Buffer; readonly recommends: boolean; readonly names: readonly string[] },
): LockedPackage[] {
  const locked = new Set(packages.map(lockedKey));
  const installed = readInstalled(status, recommends).filter(one => locked.has(one.key));
  const byKey = new Map(installed.map(one => [one.key, one]));
  const byName = new Map<string, Installed[]>();
  for (const one of installed)
    for (const name of new Set([one.name, ...one.provides]))
      byName.set(name, [...(byName.get(name) ?? []), one]);
  const needed = new Set<string>();
  const isLocked = new Set(packages.map(one => one.name));
  const provided = names.filter(name => !isLocked.has(name)).flatMap(name => byName.get(name) ?? []);
  const pending = [...packages.filter(one => one.requested).map(lockedKey), ...provided.map(one => one.key)];
  for (let key = pending.pop(); key !== undefined; key = pending.pop()) {
    if (needed.has(key)) continue;
    needed.add(key);
    const self = byKey.get(key);
    for (const relation of self?.needs.flat() ?? [])
      pending.push(...meant(self as Installed, byName.get(relation.name) ?? []));
  }
  return packages.filter(one => needed.has(lockedKey(one)));
}

/** Of several architectures that of the package itself; where it is not there, any serves. */
function meant({ architecture }: Installed, found: readonly Installed[]): string[] {
  const own = found.filter(one => [architecture, 'all'].includes(one.architecture));
  return (own.length > 0 && architecture !== 'all' ? own : found).map(one => one.key);
}

function readInstalled(status: Buffer, recommends: boolean): Installed[] {
  return [...parseStanzas(status, { only: FIELDS })].map(stanza => {
    const text = (field: string) => toText(fieldValue(stanza, field) ?? fromText(''));
    const relations = (field: string) => parseRelations(text(field));
    const [name, architecture] = [text('Package'), text('Architecture')];
    return {
      ...{ key: `${name}:${architecture}`, name, architecture },
      provides: relations('Provides').flatMap(([one]) => (one === undefined ? [] : [one.name])),
      needs: [
        ...relations('Pre-Depends'),
        ...relations('Depends'),
        ...(recommends ? relations('Recommends') : []),
      ],
    };
  });
}
